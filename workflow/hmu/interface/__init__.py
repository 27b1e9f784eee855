"""The contracts of all plugins, on one page.

A plugin is a file, or a folder, in the room of its kind; it is found by its name. What planning
must know of it stands at its top as literals in capitals, which :mod:`hmu.registry` reads without
importing it. The types of each kind stand in a module beside this page, and import nothing of the
package.

**Sources**, ``hmu/sources/NAME.py``: a form of raw data.

- ``STAGE``: what its clips are, "joints" or already "features";
- ``MARKS``, which may be left out: files and folders of which a raw directory of this form has one
  at least;
- ``ingest(raw, settings) -> Work``: what there is to read in the directory ``raw``, and the
  function that reads it clip by clip.

**Taggers**, ``hmu/taggers/NAME.py``: from a sentence to tokens "word/POS".

- ``tagger() -> Callable[[str], str]``, which makes ready what tagging needs;
- ``NEEDS``, which may be left out: packages that no lock has, each with what to say, before a run
  begins, where it is not installed.

**Methods**, ``hmu/methods/NAME.py``: how a model forgets a concept.

- ``INPUTS``: what it reads beside the parts that it changes, of

  - ``tokenizer``, ``transformers`` or the name of a part: tensors of the original model;
    ``retrained``: those of the model trained without the forget set; ``model``: the parts that
    it names or changes, to run them, and ``sampling``: how the model samples;
  - ``statistics``, ``reference_statistics``, ``clips``, ``keywords`` of the concept, and of those
    that CONCEPTS names;
  - ``codes``, ``captions``, ``motions``, ``features`` of the dataset, and its ``text_encoder``;

- ``INPUTS_BY``: what more it reads for a value of a parameter,
  ``{"counts": {"motions": ("statistics",), "reference": ("reference_statistics",)}}``;
- ``CHANGES``: the parts that it may edit, ``tokenizer``, ``transformers`` or the name of one;
  ``CHANGES_BY``: those that it may edit too, for a value of a parameter;
- ``CONCEPTS``: its parameters that name other concepts: one, a list, or the keys of a mapping;
- ``FILES``: its parameters that name a file or a list of them, on whose content the edit depends;
- ``BOUNDS``: its numbers, or lists or mappings of them, that a size of the backbone bounds, each
  with ``<`` or ``<=``, ``{"k": ("<", "tokenizer.codes")}``;
- ``READ_IF``: its parameters that are read only where others have one of these values,
  ``{"k": {"codes": (None,)}}``: where they have not, it is a fault to give the parameter, and no
  bound holds it;
- ``CHECKS``: a module that does without torch, whose ``faults(planned)`` says, when a run is
  planned, which parameters cannot do and why, as pairs: from what is known of the edit then, a
  :class:`hmu.interface.methods.Planned`, and from what its files hold;
- ``TRAINS``: True where it trains, and so wants a GPU and leaves a log and curves;
- ``PARAMS``: its parameters, as JSON Schema properties with defaults; of a method that builds on
  another, ``{**THEIRS, ...}`` after ``from hmu.methods.OTHER import PARAMS as THEIRS``;
- ``REFERENCE``: the values of its parameters with which it does as the paper's code does;
- ``CONTROL``: True of what is to show how far a broken motion gets by a measure: a row that is
  never the best, and beside which no column of the forget set marks one;
- ``ALTERS``: ``codes`` or ``features`` where it changes motions after they were generated, in the
  place of tensors. ``alter(motion, vocabulary, noise)`` then gives what is to be seen of a motion,
  of the same shape: codes, int16 (tokens, quantizers), of ``vocabulary`` in each codebook, or
  features, float32 (frames, 263), not normalised. ``noise`` is a NumPy generator of the motion's
  own. What else it must hold it has from ``hmu/methods/original.py``, which changes nothing;
- ``unlearn(context) -> Edit``.

Only ``INPUTS``, ``CHANGES`` and ``PARAMS`` must be there.

**Backbones**, ``hmu/backbones/KIND/``: text-to-motion models. A package, whose ``__init__`` imports
nothing and says

- ``PARTS``: what is trained, in this order. The part ``tokenizer`` turns motions into codes and
  back; the others, the transformers, generate codes. Each says

  - ``network``: its class, a :class:`Part`, made from its sizes alone, ``sizes``: theirs, a
    :class:`hmu.sections.base.Section`; those of a tokenizer are a ``Vocabulary`` with
    ``frames_per_token``, ``tokens(frames)``, how many hold a motion of so many frames, and
    ``longest``, its longest motion in tokens;
  - ``recipe``: the module whose ``recipe(sizes, inputs, section, device) -> Recipe`` says how it
    is trained; ``reads``: what that reads, of ``features``, ``codes`` and ``captions``;

  A backbone whose codes of the first layer come from a masked transformer calls it ``masked``, a
  :class:`FirstLayer`, and what completes them ``residual``, :class:`FurtherLayers`: methods that
  change these are for every backbone that has them;

- ``SAMPLER``: the module whose ``sampler(transformers) -> Sampler`` puts the transformers together;
- ``SETTINGS``: the keys of the section ``generation`` that the sampler reads.

``official``, a module in it, says what the files are that the authors released, without torch:
``PARTS`` by name (:class:`hmu.official.parts.Part`: folders and files, keys, sizes, options),
``DOWNLOADS`` and ``folders(sizes)``, as in :class:`hmu.official.releases.Release`. A backbone
without it is neither imported nor exported.

``sections.Section`` in it is what a configuration may say of the backbone, a
:class:`hmu.sections.backbone.Trained` with a field for each part, without torch.

A backbone whose motions are made elsewhere has no PARTS, and in the place of SAMPLER and SETTINGS

- ``MOTIONS``: the module whose ``motions(section) -> Motions`` says how its files are called, and
  reads them. ``sections.Section`` is a :class:`hmu.sections.backbone.Backbone` then, whose field
  ``motions`` is their directory.

**Prompts**, ``hmu/prompts/KIND.py``: where prompts come from.

- ``PARAMS``: its parameters, as JSON Schema properties with defaults;
- ``FILES``: those of them that name a file, on whose content the prompts then depend;
- ``CONCEPTS``, which may be left out: those of them that name concepts, one or a list. No prompt
  may then hold a word of any of these: what does is rejected, and listed;
- ``KNOWS``, which may be left out: a module whose ``lacks(keywords) -> str | None`` says, when a
  run is planned, why there can be no prompt of the concept that the parameter ``concept`` names;
- ``WRITTEN``, which may be left out: True where the prompts follow from parameters and files,
  whatever the samples are. They are then looked at when a run is planned, with samples None;
- ``ASKS``, which may be left out: True where a service is asked before. ``ask(context) -> str``
  then gives its answers, and they are the file ``answers`` of the context;
- ``UNTAGGED``, which may be left out: True where no prompt comes with tokens, so that each asks the
  dataset's tagger;
- ``prompts(context) -> Iterable[Prompt | Rejected]``.

**Descriptors**, ``hmu/descriptors/NAME.py``: one thing said about each motion, or each text.

- ``SEES``: what it sees of a motion, among ``features``, ``joints`` and ``codes``; and, of the edit
  behind it, ``replaced`` and ``unedited``, which only rows of methods have that change the
  tokenizer and nothing else. Empty for one that describes texts alone;
- ``MODELS``: the trained models that it reads, of ``evaluator``, ``tmr`` and ``detector``. What
  reads the detector, which there is of each concept, says something else for each concept;
- ``TEXTS``, which may be left out: ``caption`` where it reads texts as they are, in the place of
  their tokens. It is then given the token embeddings of these captions too
  (:mod:`hmu.text.token_embeddings`), and there is no subject ``masked`` of it;
- ``SETTINGS``: the keys of the section ``evaluation`` that it reads;
- ``load(context) -> Descriptor``.

**Metrics**, ``hmu/metrics/NAME.py``: descriptions reduced to numbers.

- ``NAMES``: the names of the values that it gives ("r@1"), each unique among all metrics;
- ``READS``: for each field that it reads, ``SUBJECT/DESCRIPTOR``; it depends on nothing else.
  Subjects are ``generated`` and ``real`` motions, ``all_real``, which are not those of the set but
  of all prompts of its source, the ``text`` of the prompts, the same ``masked`` (without the words
  of the concept), and ``pairs`` of motions for one prompt;
- ``SETTINGS``: the keys of the section ``evaluation`` that it reads;
- ``REAL``: whether it is defined for real motions in the place of generated ones;
- ``CLAIMS``, which may be left out: those of its values that are to say how much is forgotten, with
  what they can show and what not, for the notes of tables. Where the model that never saw the
  concept is worse by them than the original, tables mark nobody as best;
- ``SAYS``, which may be left out: of its values, by name, what each measures and where that is
  from, in a sentence for the notes of tables; "r@" stands for all whose names begin so and end in
  a number;
- ``AGAINST``, which may be left out: what those of its values are measured against of which
  ``compute`` says that number, in words for the same notes;
- ``ALONE``, which may be left out: those of its values that no broken motion wins. Beside them, and
  beside controls, columns of the forget set of all others mark nobody as best;
- ``ALL_REPEATS``, which may be left out: True where it measures all repeats at once. Its fields are
  then (repeats, n, width), and one more, ``prompt`` (repeats, n, 1), says which prompt each is of;
- ``DRAWS``, which may be left out: True where it draws at random;
- ``compute(inputs, settings) -> Measured``, which measures one repeat, or all. What draws is given
  a third argument, a generator that belongs to the metric and the repeat: to import NumPy's takes
  longer than most metrics.
"""
