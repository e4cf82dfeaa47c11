"""Write YAML that reads back as what was written."""

from typing import Any

import yaml

__all__ = ["YamlWriter", "yaml_text"]


class YamlWriter(yaml.SafeDumper):
    """PyYAML's own, but that it puts ends of lines into double quotes.

    In single ones, which it would take, those of other alphabets than ours (U+0085, U+2028) come
    back as spaces.
    """

    def text(self, words: str) -> yaml.ScalarNode:
        """A text, in double quotes where it has more than one line."""
        style = None if words.splitlines() in ([], [words]) else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", words, style=style)


YamlWriter.add_representer(str, YamlWriter.text)


def yaml_text(tree: Any) -> str:
    """A file's text, in the order of the keys."""
    return str(yaml.dump(tree, Dumper=YamlWriter, sort_keys=False, allow_unicode=True))
