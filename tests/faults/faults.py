"""The faults by name: what breaks while people apply. Whatever it is, the oracle is asked afterwards."""

from tests.faults.kinds import administrators, ground, processes, saving, systems
from tests.faults.scene import Fault, Scene


def nothing(scene: Scene) -> None:
    """Nothing breaks."""
    scene.live()


def minds_changed(scene: Scene) -> None:
    """MFA use is terminated before a system has been told of it, and comes back: what was overtaken explains nothing later."""
    for account in scene.people.newcomers:
        scene.people.have_applied(account)
        scene.people.change_mind(account)
    scene.site.eventually("the terminations are in effect", scene.people.are_terminated)
    scene.people.come_back()
    scene.site.eventually("MFA use is back", scene.people.are_back)
    scene.live()


def optional_system_away(scene: Scene) -> None:
    """Minds change while a system for which nobody waits hears, and says nothing."""
    scene.site.moods({"optional": ["done-and-gone", "broken"]}, share=scene.chance.uniform(0.5, 1), seed=scene.seed())
    minds_changed(scene)
    scene.site.moods()


FAULTS: dict[str, Fault] = {
    "nothing": nothing,
    "minds changed before told": minds_changed,
    "worker dies after claim": processes.at_point("after-claim"),
    "worker dies before request": processes.at_point("before-request"),
    "worker dies after request": processes.at_point("after-request"),
    "worker dies before commit": processes.at_point("before-commit"),
    "worker sleeps after claim": processes.sleeping("after-claim"),
    "worker sleeps before request": processes.sleeping("before-request"),
    "worker sleeps after request": processes.sleeping("after-request"),
    "worker sleeps before writing": processes.sleeping("before-writing", minds_change=1),
    "worker freezes before commit": processes.frozen,
    "worker sleeps, tells, dies": processes.sleeping("before-request", "sleeps-and-dies"),
    "whole worker sleeps": processes.stopped_workers,
    "any process is killed": processes.kill_somebody,
    "deploy": processes.deploy,
    "deploy in haste": processes.deploy_in_haste,
    "no workers": processes.no_workers,
    "no beat": processes.no_beat,
    "two beats": processes.two_beats,
    "two dispatchers": processes.two_dispatchers,
    "database restarts": ground.database_restarts,
    "broker flushed": ground.broker_flushed,
    "broker killed, keeps": ground.broker_killed(keeps=True),
    "broker killed, forgets": ground.broker_killed(keeps=False),
    "broker sleeps": ground.broker_sleeps,
    "power cut": ground.power_cut(broker_keeps=True),
    "power cut, broker forgets": ground.power_cut(broker_keeps=False),
    "clocks wrong by an hour": ground.wrong_clocks(1, -1, 0.5),
    "beat two hours behind": ground.wrong_clocks(1, 1, -1),
    "hints doubled and forged": ground.many_hints,
    "SAVE twice at once": saving.by_hand(saving.twice_at_once, saving.nothing_breaks),
    "SAVE, then gone": saving.by_hand(saving.and_leave, saving.nothing_breaks),
    "SAVE, web dies in the verb": saving.by_hand(saving.once, saving.web_dies("in-the-verb")),
    "SAVE, web dies before answer": saving.by_hand(saving.once, saving.web_dies("before-the-answer")),
    "SAVE, web dies after answer": saving.by_hand(saving.once, saving.web_dies("after-the-answer")),
    "SAVE while anything dies": saving.by_hand(saving.twice_at_once, saving.somebody_dies),
    "poison": systems.poison,
    "unknown version": systems.unknown_version,
    "three hours away": systems.three_hours_away,
    "system busy": systems.answers("busy", "busy-until"),
    "system broken": systems.answers("broken"),
    "system hangs or drips": systems.answers("hangs", "drips"),
    "applied, answer lost": systems.answers("done-and-hangs", "done-and-gone"),
    "half of a batch": systems.answers("half"),
    "page, or somebody else": systems.answers("page", "somebody-else"),
    "nobody behind the proxy": systems.nobody_behind_the_proxy,
    "any misbehaviour": systems.answers(*systems.MISBEHAVING),
    "line refused or swallowing": systems.bad_lines("refused", "swallowed"),
    "line loses answers": systems.bad_lines("answer-lost", "half-closed"),
    "line breaks in the answer": systems.bad_lines("cut", "reset"),
    "line drips the answer": systems.bad_lines("trickles"),
    "requests arrive late": systems.late_requests,
    "bad lines and deaths": systems.bad_lines_and_deaths,
    "directory killed": systems.directory_killed,
    "directory sleeps": systems.directory_sleeps,
    "optional system away": optional_system_away,
    "settings change": administrators.settings_change,
    "system switched off": administrators.system_switched_off,
    "system stopped by hand": administrators.system_stopped_by_hand,
    "wrong credentials": administrators.wrong_credentials,
    "wrong credentials for a moment": administrators.wrong_for_a_moment,
}
