"""Parameters of methods that train by `hmu.unlearning.tuning.forget_and_retain`."""

PARAMS = {
    "epochs": {
        "type": "integer",
        "minimum": 1,
        "default": 5,
        "description": "Epochs of training; one takes each motion to forget once.",
    },
    "retain": {
        "type": "number",
        "minimum": 0,
        "default": 1.0,
        "description": "Weight of the training loss of retain clips beside what forgets.",
    },
    "rate": {
        "type": ["number", "null"],
        "exclusiveMinimum": 0,
        "default": None,
        "description": "Learning rate; null takes the one that the base training ended with.",
    },
}
