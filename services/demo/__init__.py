"""The main job as a story that plays itself, through the gateway as its users would."""
