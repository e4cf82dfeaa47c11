"""Show one store in the window: its layers, its sliders, its live frames, and what is missing."""

from dataclasses import replace
from time import monotonic
from typing import Any

from parfocal.store import Index
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._filter import EVERYTHING, LiveFilter
from parfocal.viewer._source import PlaneSource, SourceFacts
from parfocal.viewer.child._arrangement import Arrangement, Numbers, arranged, fitting
from parfocal.viewer.child._arrivals import Arrivals
from parfocal.viewer.child._channel_data import NewestPlanes
from parfocal.viewer.child._components import Components
from parfocal.viewer.child._layers import ChannelLayers
from parfocal.viewer.child._live import LiveFeed
from parfocal.viewer.child._missing import MissingPlanes, Reasons
from parfocal.viewer.child._notices import Notices
from parfocal.viewer.child._overlay import PlaneOverlay
from parfocal.viewer.child._patient_reads import PatientReads
from parfocal.viewer.child._sliders import Place, Sliders
from parfocal.viewer.child._watch import SourceWatch
from parfocal.viewer.child._workers import Workers

FOLLOW_KEY = "F"
_READERS = 4
_FIRST_LOOK_S = 2.0
# How often the words over a running picture change, and sliders grow
_WORDS_S = 0.5
# and how often the handles of the sliders follow the picture
_HANDLES_S = 0.2
_AXES = ("t", "p", "z")


class Scene:
    """A store in a napari window, live while a run still publishes."""

    def __init__(
        self,
        viewer: Any,
        source: PlaneSource,
        ring: Arrivals | None,
        components: Components,
        notices: Notices,
        only: LiveFilter = EVERYTHING,
        *,
        instead_of: "Scene | None" = None,
        beside: bool = False,
    ) -> None:
        self.viewer = viewer
        self.source = source
        self._notices = notices
        self.newest = NewestPlanes()
        self._workers = Workers(_READERS, "viewer-reads")
        self._reads = PatientReads(source, self.newest, self._workers)
        self._missing = MissingPlanes(source, self.newest, self._workers)
        self._reasons: Reasons = {}
        self._reached = 0
        self._undescribed = False
        self._described_at = self._grown_at = self._told_at = 0.0
        self._noted: tuple[str, ...] = ()
        self._beside = ""
        self._arrangement, self._remark = fitting(source.facts, components)
        self._sliders = Sliders(viewer, self._arrangement)
        prefix = f"{source.facts.name} · " if beside else ""
        self.layers = ChannelLayers(viewer, self._arrangement, self._sliders, self._reads, prefix)
        self._watch = SourceWatch(source, range(source.facts.sizes.c))
        self._overlay = PlaneOverlay(viewer)
        self._live: LiveFeed | None = None
        self.layers.arrange(
            self._arrangement, instead_of=None if instead_of is None else instead_of.layers
        )
        if instead_of is None:
            viewer.reset_view()
        if ring is not None:
            self._live = LiveFeed(
                ring,
                self._has_place,
                self.newest,
                self.layers,
                self._move,
                only,
            )
        self._watch.wait(_FIRST_LOOK_S)
        self._take_limits()
        viewer.dims.events.current_step.connect(self._on_step)
        self.go((0, 0, source.facts.sizes.z // 2))

    @property
    def facts(self) -> SourceFacts:
        """What there is to show; of a run that goes on, the live frames ahead of the store too."""
        facts = self.source.facts
        if facts.state != "recording" or self._reached <= facts.sizes.t:
            return facts
        return replace(facts, sizes=replace(facts.sizes, t=self._reached))

    @property
    def components(self) -> Components:
        """Which components have layers, and which a slider."""
        return self._arrangement.components

    @property
    def text(self) -> str:
        """What the overlay says."""
        return self._overlay.text

    @property
    def reading(self) -> bool:
        """Whether a plane that is shown black is still being read."""
        return self._reads.waiting

    @property
    def arrangement(self) -> Arrangement:
        """How the store's planes lie in layers and sliders."""
        return self._arrangement

    def numbers(self) -> Numbers:
        """Where each slider stands."""
        return self._sliders.numbers()

    def place(self) -> Place:
        """The t, p and z on screen."""
        return self._sliders.place()

    def coordinates(self) -> dict[str, int | None]:
        """The plane on screen; no field where a well has none of this number."""
        t, p, z = self.place()
        at: dict[str, int | None] = {"t": t, "p": None if p < 0 else p, "z": z}
        channel = self._sliders.channel()
        return at if channel is None else {**at, "c": channel}

    def acquired(self, index: Index | None) -> bool:
        """Whether a plane on screen is there."""
        return index is not None and (index in self.newest or self.source.stored(index))

    def counters(self) -> dict[str, int]:
        """The live frames: accepted, displayed, dropped."""
        return self._live.counters if self._live else {"accepted": 0, "displayed": 0, "dropped": 0}

    def go_to(self, **wanted: int | None) -> None:
        """Show a plane; what is not given stays."""
        sizes = self.facts.sizes
        for axis, number in wanted.items():
            count = getattr(sizes, axis)
            if number is not None and not 0 <= number < count:
                raise ViewerError(f"there is no {axis} {number}; it goes from 0 to {count - 1}")
        t, p, z = (
            now if (asked := wanted.get(axis)) is None else asked
            for axis, now in zip(_AXES, self.place(), strict=True)
        )
        self.go((t, p, z), wanted.get("c"))

    def go(self, place: Place, channel: int | None = None) -> None:
        """Stand on a plane."""
        self._sliders.go(place, channel)
        self._describe()

    def follow(self, *, following: bool) -> None:
        """Go where the run is, or stay where the user looks."""
        if self._live is not None:
            self._live.follow(following)
            self._describe()

    def take_ages_ms(self) -> dict[str, list[float]]:
        """How old live frames were when they were accepted and when they were drawn."""
        return self._live.take_ages_ms() if self._live else {}

    def poll(self) -> bool:
        """Take the newest live frames; True when the next draw shows one of them."""
        if self._live is None:
            return False
        if self._live.poll(self.place()):
            self._undescribed = True
            self.catch_up()
        return self._live.awaits_draw(self.place())

    def catch_up(self) -> None:
        """Show what was read late, and say where a fast run has come to."""
        self.show_late()
        if monotonic() - self._told_at > _HANDLES_S:
            self._told_at = monotonic()
            self._sliders.tell()
        if self.facts.sizes.t > self._arrangement.facts.sizes.t:
            self._grow()
        # A new text costs half a paint of the picture, and nobody reads sixty numbers a second.
        if self._undescribed and monotonic() - self._described_at > _WORDS_S:
            self._describe()
        else:
            self._say()

    def show_late(self) -> None:
        """Show the planes that were read late."""
        if arrived := self._reads.arrived():
            self.layers.show_again(arrived)

    def look_again(self) -> None:
        """See what the store has by now: a running recording commits its planes shard by shard."""
        self._take_limits()
        if self._watch.changed():
            self._rearrange(Arrangement(self.facts, self.components))
            self._reads.keep_only(())
            self.layers.refresh_all()
        self._describe()

    def arrange(self, components: Components, most: int) -> None:
        """Give components layers or sliders; refused when that makes too many layers."""
        arrangement = arranged(self.facts, components, most)
        self._remark = ""
        self._rearrange(arrangement)

    def end_live(self) -> None:
        """Take no more live frames: the program that published them is gone."""
        if self._live is not None:
            self._live.close()
            self._describe()

    def hang_up(self) -> None:
        """Let go of the live frames: the window is closing."""
        if self._live is not None:
            self._live.close()

    def say_beside(self, sentence: str) -> None:
        """Say something below the plane's name, or with no sentence nothing more."""
        self._beside = sentence
        self._describe()

    def on_draw(self) -> None:
        """Count what was drawn."""
        if self._live is not None:
            self._live.on_draw(self.place())

    def let_go(self, *, keep_layers: bool) -> None:
        """Leave the window to another scene. Layers that are kept go on reading their store."""
        self.viewer.dims.events.current_step.disconnect(self._on_step)
        self.hang_up()
        self._watch.close()
        if keep_layers:
            self.layers.leave()

    def close(self) -> None:
        """Let go of the store; layers of it that are left read no more."""
        self._workers.close()
        self.source.close()

    def _rearrange(self, arrangement: Arrangement) -> None:
        """Have another arrangement, and stand where one stood."""
        place, channel = self.place(), self._sliders.channel()
        laid_out = arrangement.components != self.components
        self._arrangement = arrangement
        with self._sliders.holding():
            self._sliders.rearrange(arrangement)
            self.layers.arrange(arrangement)
            if laid_out:
                self.viewer.reset_view()
        self.go(place, channel)

    def _move(self, t: int, p: int, z: int) -> None:
        """Go where the run is. What has layers has no slider that would show them anew."""
        self._sliders.glide((t, p, z))
        if self.components.sliced - {"step", "channel"}:
            for channel in self.layers.shown():
                self.layers.refresh(channel)

    def _take_limits(self) -> None:
        for channel, limits in self._watch.limits().items():
            self.layers.set_limits(channel, limits)

    def _has_place(self, index: Index, shape: tuple[int, ...]) -> bool:
        """Whether a live frame belongs here; the sliders grow for one ahead of the store."""
        facts = self.facts
        t, p, c, z = index
        if not facts.sizes.holds((0, p, c, z)) or t < 0:
            return False
        if shape != facts.levels_of(c)[0].shape[1:]:
            return False
        if t >= facts.sizes.t:
            if facts.state != "recording":
                return False
            self._reached = t + 1
            self._grow()
        return True

    def _grow(self) -> None:
        """Make the sliders as long as the run is; not more often than anybody sees."""
        if monotonic() - self._grown_at > _WORDS_S:
            self._grown_at = monotonic()
            self._rearrange(Arrangement(self.facts, self.components))

    def _on_step(self, _: object) -> None:
        if self._sliders.held:
            return
        elsewhere = self._sliders.remember()
        if self._live is not None and elsewhere:
            self._live.following = False
        self._describe()

    def _describe(self) -> None:
        """Ask what is missing of the plane on screen, and say which plane it is."""
        self._undescribed, self._described_at = False, monotonic()
        if (channel := self._sliders.channel()) is not None:
            self.layers.wear_channel(channel)
        planes = {index for _, _, index in self.layers.on_screen() if index is not None}
        self._reads.keep_only(planes)
        self._missing.ask(planes)
        self._say(anew=True)

    def _say(self, *, anew: bool = False) -> None:
        answer, notes = self._missing.answer(), self._notes()
        if answer is None and not anew and notes == self._noted:
            return
        self._noted = notes
        on_screen = self.layers.on_screen()
        if answer is not None:
            came = (self._reasons.keys() - answer.keys()) & {index for _, _, index in on_screen}
            self._reads.forget(came)
            self.layers.show_again([(index, 0) for index in came])
            self._reasons = answer
        missing = [
            (key, self._reasons[index] if index is not None else "no such field")
            for key, _, index in on_screen
            if index is None or index in self._reasons
        ]
        self._overlay.say(self._arrangement, self._sliders.at(), missing, notes)

    def _notes(self) -> tuple[str, ...]:
        notes = [self._beside, self.source.note, self._remark, self._reads.problem]
        if self._reads.waiting:
            notes.append("reading …")
        if self._live is not None and self._live.running:
            paused = f"paused; {FOLLOW_KEY} follows the run again"
            notes.append("live" if self._live.following else paused)
        return tuple(note for note in (*notes, *self._notices.current()) if note)
