package ferrite.kernel.shadow;

import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.log.CallSite;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The timers, tasklets and work items of drivers that are set: the kernel will use their memory later. */
public final class Armed {

    /** The kind of a record, with the calls that set it and end that. */
    public enum Kind {
        TIMER("a timer in it that is still set", "add_timer", "del_timer_sync"),
        HRTIMER("a timer in it that is still set", "hrtimer_start", "hrtimer_cancel"),
        TASKLET("a tasklet in it that is still scheduled", "tasklet_schedule", "tasklet_kill"),
        WORK("a work item in it that is still queued", "queue_work", "cancel_work_sync"),
        TRANSFER("the data of a DMA transfer's callback in it", "dmaengine_submit", "dmaengine_terminate_sync"),
        RCU("an rcu_head in it that waits for its grace period", "call_rcu", "rcu_barrier"),
        DELAYED_WORK("a delayed work item in it that is still set", "queue_delayed_work", "cancel_delayed_work_sync");

        private final String text;
        private final String set;
        private final String end;

        Kind(String text, String set, String end) {
            this.text = text;
            this.set = set;
            this.end = end;
        }

        private String label() {
            return switch (this) {
                case TRANSFER -> "transfer";
                case TIMER, HRTIMER -> "timer";
                case TASKLET -> "tasklet";
                case RCU -> "rcu";
                case WORK, DELAYED_WORK -> "work";
            };
        }
    }

    private record Setting(Kind kind, String site) { }

    private final Violations violations;
    private final NavigableMap<Long, Setting> set = new TreeMap<>();

    Armed(Violations violations) {
        this.violations = violations;
    }

    /** Notes that a driver has set a record. */
    public void set(Kind kind, long record) {
        if (violations.checks(Rule.USE_AFTER_FREE)) {
            set.put(record, new Setting(kind, CallSite.ofCaller()));
        }
    }

    /** Returns whether any record is set. */
    boolean areAny() {
        return !set.isEmpty();
    }

    /** Returns whether a record is set, as far as that is checked. */
    public boolean isSet(long record) {
        return set.containsKey(record);
    }

    /** Notes that a record is not set any more. */
    public void ended(long record) {
        set.remove(record);
    }

    /** Returns the records of a kind that are set, with the lines that set them. */
    public Map<Long, String> all(Kind kind) {
        Map<Long, String> all = new TreeMap<>();
        set.forEach((record, setting) -> {
            if (setting.kind == kind) {
                all.put(record, setting.site);
            }
        });
        return all;
    }

    /** Checks at a free that nothing in the memory is set. */
    void check(String call, long va, long bytes) {
        Map<Long, Setting> inside = set.isEmpty() ? set : set.subMap(va, true, va + bytes, false);
        if (inside.isEmpty()) {
            return;
        }
        Map.Entry<Long, Setting> first = inside.entrySet().iterator().next();
        Kind kind = first.getValue().kind;
        violations.of(Rule.USE_AFTER_FREE, call + " with " + kind.text)
                .line(kind.label(), kind.set + " at " + first.getValue().site)
                .line("why", "the kernel's list goes through memory of the next owner, who finds it changed, and the "
                        + "kernel calls what stands there then")
                .line("instead", "call " + kind.end + " before the free").address("va", first.getKey()).report();
        inside.clear();
    }
}
