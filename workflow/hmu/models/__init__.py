"""The networks (tokenizer, transformers, length, evaluator), their training and their storage."""
