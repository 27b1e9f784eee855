"""Text-to-motion models, a package each.

A backbone has a tokenizer, a masked transformer for the codes of the first layer, and a residual
transformer for those of the others. Only the masked transformer differs between kinds. A package
``hmu/backbones/KIND`` holds

- in its ``__init__``, which imports nothing, ``SETTINGS``: what its sampler wants to know, among
  the keys of the section ``generation``; it is also told ``longest``, the tokens of the longest
  motions;
- ``sections.Section``: what a configuration may say of it, a
  :class:`hmu.sections.backbone.Backbone`, without torch, since planning reads it;
- ``masked.MaskedTransformer``: a :class:`hmu.models.transformer.BaseLayerTransformer`.

The ``config.json`` of a masked transformer says its kind; without, it is MoMask's.
"""
