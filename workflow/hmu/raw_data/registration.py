"""What no program can download: where to register, what to choose there, and where it goes.

``hmu data fetch`` prints it, ``hmu data check`` points to it for what is missing, and the README
has the same.
"""

from hmu.sources._amass import NAMES as AMASS

_RENAMED = ", ".join(f"{site} ({name})" for name, site in AMASS.items() if site != name)
_NAMED = ", ".join(site for name, site in AMASS.items() if site == name)

HUMANML3D = f"""\
HumanML3D: register, accept the licences, and put the downloads below {{folder}}

  AMASS      https://amass.is.tue.mpg.de/download.php
             Of each of these {len(AMASS)} datasets the body data "SMPL+H G", unpacked to amass/
             (in brackets: what older downloads call the folder; both names are found):
             {_NAMED},
             {_RENAMED}
             → amass/KIT/3/kick_high_left02_poses.npz and so on
  SMPL-H     https://mano.is.tue.mpg.de/download.php
             "Extended SMPL+H model (used in AMASS)"
             → body_models/smplh/male/model.npz, body_models/smplh/female/model.npz
  DMPL       not needed: it moves soft tissue, and no joint
  HumanAct12 comes with the public files above"""

MOTIONX = """\
Motion-X: fill in the form, accept the licences, and put the downloads below {folder}

  Motion-X   https://docs.google.com/forms/d/e/1FAIpQLSeb1DwnzGPxXWWjXr8cLFPAYd3ZHlWUtRDAzYoGvAKmS4uBlA/viewform
             motionx_smplx.zip, unpacked as it is
             → motion_data/smplx_322/idea400/subset_0000/….npy and so on (52,477 files)
             motionx_seq_text_v1.1.zip, its folders moved to texts/semantic_labels
             → texts/semantic_labels/idea400/subset_0000/….txt and so on
  humanml, EgoBody, GRAB (28,603 more): registrations and scripts of their own, see
             https://github.com/IDEA-Research/Motion-X/tree/main/mocap-dataset-process
             → motion_data/smplx_322/humanml/000000.npy, texts/semantic_labels/humanml/000000.txt
             Without them clips of these subsets are set aside as missing.
  SMPL-X     https://smpl-x.is.tue.mpg.de/download.php
             "Download SMPL-X v1.1"
             → body_models/smplx/SMPLX_NEUTRAL.npz"""

INSTRUCTIONS = {"humanml3d": HUMANML3D, "motionx": MOTIONX}
"""For each dataset, what is left to do by hand; ``{folder}`` stands for the raw directory."""
