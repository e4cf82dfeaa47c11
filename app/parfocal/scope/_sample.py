class Sample:
    def __init__(self, seed):
        pass
