from hypothesis import settings

# A slow machine is no error.
settings.register_profile("core", deadline=None)
settings.load_profile("core")
