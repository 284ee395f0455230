package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.AllocatorEvent;
import ferrite.kernel.core.MemoryEvent;
import ferrite.kernel.core.MemoryEvent.Kind;
import ferrite.kernel.core.MemoryEvent.Source;
import ferrite.kernel.core.TaskEvent;
import ferrite.kernel.mm.Zones;
import java.util.Locale;

/** The kernel's events in words and as reports. It works while the event happens, and only looks. */
final class KernelEventText {

    private final Machine machine;

    KernelEventText(Machine machine) {
        this.machine = machine;
    }

    // ---- words ----

    /** Describes an event of memory: the request, its result, and the caller. */
    String sentence(MemoryEvent event) {
        String result = switch (event.kind()) {
            case FAIL -> " failed";
            case FREE -> " at " + address(event) + " was freed";
            case ALLOC -> event.isZoneFallback() ? " got memory of zone " + Zones.name(event.zone()) + " at "
                    + address(event) + "; its first choice is zone " + Zones.name(event.firstZone())
                    : " at " + address(event) + (event.zone() < 0 ? "" : " in zone " + Zones.name(event.zone()));
        };
        return subject(event) + result + "; " + (event.kind() == Kind.FREE ? "" : "requested ") + "at " + event.site()
                + " by " + currentTask() + (event.kind() == Kind.FREE ? "" : " with " + Gfp.names(event.gfp()));
    }

    private static String subject(MemoryEvent event) {
        return switch (event.source()) {
            case PAGE -> "a block of order " + event.order();
            case SLAB -> "an object of " + event.bytes() + " bytes of " + event.cache();
            case VMALLOC -> "a vmalloc area of " + event.bytes() + " bytes";
        };
    }

    /** Returns the virtual address, or for high memory the physical one. */
    static String address(MemoryEvent event) {
        return event.va() != 0 ? Hex.address(event.va()) : "physical " + Hex.address(event.pa());
    }

    /** Describes the claim of a device's interrupt. */
    String claim(int irq, String name) {
        return "the kernel claimed source " + irq + (name == null ? ", which has no handler" : ", '" + name + "',")
                + " on hart " + machine.turn().hart().id() + " during " + currentTask();
    }

    /** Names the current task of the hart that has the turn. */
    String currentTask() {
        Hart hart = machine.turn().hart();
        return hart == null || hart.currentTask() == 0 ? "no task" : task(hart.currentTask()) + " on hart " + hart.id();
    }

    private String task(long task) {
        try {
            ReadableMemory peek = peek();
            return "task " + TaskLayout.PID.get(peek, task) + " '" + TaskLayout.COMM.get(peek, task) + "'";
        } catch (BusFault damaged) {
            return "a task with a damaged record";
        }
    }

    private ReadableMemory peek() {
        Hart hart = machine.turn().hart();
        return machine.peek(hart == null ? 0 : hart.id());
    }

    // ---- reports ----

    /** Lists the facts of an event of memory, for a trace. */
    Report report(MemoryEvent event) {
        Report report = Report.of("alloc").text("source", event.source().name().toLowerCase(Locale.ROOT))
                .text("call", event.kind().name().toLowerCase(Locale.ROOT));
        if (event.va() != 0) {
            report.address("va", event.va());
        }
        if (event.source() == Source.PAGE) {
            if (event.kind() != Kind.FAIL) {
                report.address("pa", event.pa());
            }
            report.number("order", event.order());
        }
        report.number("bytes", event.bytes());
        if (event.cache() != null) {
            report.text("cache", event.cache());
        }
        if (event.zone() >= 0) {
            report.text("zone", Zones.name(event.zone()));
        }
        if (event.kind() != Kind.FREE) {
            report.text("flags", Gfp.names(event.gfp()));
        }
        return current(report.text("site", event.site()));
    }

    /** Lists the facts of a step of an allocator, for a trace. */
    Report report(AllocatorEvent event) {
        Report report = Report.of(event.isOfSlabs() ? "slab" : "buddy")
                .text("step", event.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        if (event.kind() == AllocatorEvent.Kind.RECLAIM) {
            return current(report.number("objects", event.after()));
        }
        report.address("pa", event.pa()).number("order", event.order());
        if (event.isOfSlabs()) {
            report.text("cache", event.cache());
        } else {
            report.number("to_order", event.after());
        }
        return current(report);
    }

    /** Lists the facts of pages of a lower zone, or of none, for a trace of the buddy allocator. */
    Report buddy(MemoryEvent event) {
        Report report = Report.of("buddy").text("step", event.isZoneFallback() ? "fallback" : "failure")
                .number("order", event.order());
        if (event.isZoneFallback()) {
            report.address("pa", event.pa()).text("from", Zones.name(event.firstZone()))
                    .text("zone", Zones.name(event.zone()));
        }
        return current(report.text("flags", Gfp.names(event.gfp())));
    }

    /** Lists the facts of an object that was allocated or freed, for a trace of the slab allocator. */
    Report object(MemoryEvent event) {
        Report report = Report.of("slab").text("step", event.kind().name().toLowerCase(Locale.ROOT));
        if (event.va() != 0) {
            report.address("va", event.va());
        }
        return current(report.number("bytes", event.bytes()).text("cache", event.cache()));
    }

    /** Lists the facts of a switch or a wake-up, for a trace. */
    Report report(TaskEvent event) {
        Report report = Report.of("sched").text("call", event.wakes() ? "wake" : "switch");
        name(report, event.wakes() ? "woken" : "next", event.task());
        if (event.wakes()) {
            return current(report);
        }
        name(report, "previous", event.previous());
        return report;
    }

    private Report current(Report report) {
        Hart hart = machine.turn().hart();
        return hart == null || hart.currentTask() == 0 ? report : name(report, "by", hart.currentTask());
    }

    private Report name(Report report, String field, long task) {
        ReadableMemory peek = peek();
        try {
            return report.number(field + "_pid", TaskLayout.PID.get(peek, task))
                    .text(field, TaskLayout.COMM.get(peek, task));
        } catch (BusFault damaged) {
            return report.address(field, task);
        }
    }
}
