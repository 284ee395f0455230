package ferrite.hardware.event;

import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The events of one machine: the place where its layers tell them, and front ends listen. Only the thread that holds
 * the turn may call it. Without a listener an event costs one comparison (law 8), and no listener changes the run (law
 * 5).
 *
 * <p>The last violations are kept, so that a front end that comes late can show them.
 */
public final class MachineEvents {

    /** A rule was broken. */
    public static final String VIOLATION = "violation";
    /** The debugger halted the machine. */
    public static final String HALT = "halt";
    /** The debugger let the machine run on. */
    public static final String CONTINUE = "continue";
    /** The kernel printed a line to its log. */
    public static final String LOG = "log";
    /** A task of the kernel took a synchronous trap. */
    public static final String FAULT = "fault";

    /** Traced: a bus master made any access. */
    public static final String BUS = "bus";
    /** Traced: a bus master accessed a device's registers. */
    public static final String MMIO = "mmio";
    /** Traced: a device moved bytes from or to RAM. */
    public static final String DMA = "dma";
    /** Traced: a hart took a synchronous trap. */
    public static final String TRAP = "trap";
    /** Traced: a hart took an interrupt. */
    public static final String IRQ = "irq";
    /** Traced: the kernel allocated or freed memory. */
    public static final String ALLOC = "alloc";
    /** Traced: the kernel split or merged blocks of pages, took pages of a lower zone, or reclaimed memory. */
    public static final String BUDDY = "buddy";
    /** Traced: the kernel made or freed a slab, or allocated or freed an object. */
    public static final String SLAB = "slab";
    /** Traced: a hart switched to another task of the kernel, or a task was woken. */
    public static final String SCHED = "sched";

    /** The kinds whose facts hold all that they tell. They may be asked for after the event, too. */
    public static final List<String> ACCESSES = List.of(BUS, MMIO, DMA);
    /** The kinds that a kernel tells, only while they are traced. */
    public static final List<String> SOFTWARE_TRACES = List.of(ALLOC, BUDDY, SLAB, SCHED);
    /** All kinds that are told only while they are traced. */
    public static final List<String> TRACES = List.of(BUS, MMIO, DMA, TRAP, IRQ, ALLOC, BUDDY, SLAB, SCHED);
    /** All kinds of events. */
    public static final List<String> KINDS = Stream.concat(Stream.of(VIOLATION, HALT, CONTINUE, LOG, FAULT),
            TRACES.stream()).toList();

    /** Number of violations that are kept; the oldest go first. */
    public static final int MAX_VIOLATIONS = 256;

    private final Supplier<Violation.Moment> clock;
    private final Deque<Violation> violations = new ArrayDeque<>();
    private long violationCount;
    private List<EventListener> listeners = List.of();

    /** @param clock tells the moment of the run */
    public MachineEvents(Supplier<Violation.Moment> clock) {
        this.clock = clock;
    }

    /** Adds a listener. It is told the events from now on. */
    public void add(EventListener listener) {
        List<EventListener> more = new ArrayList<>(listeners);
        more.add(listener);
        listeners = List.copyOf(more);
    }

    /** Removes a listener, if it was added. */
    public void remove(EventListener listener) {
        listeners = listeners.stream().filter(other -> other != listener).toList();
    }

    /** Tells whether an event reaches a listener. A frequent event is prepared only then. */
    public boolean areHeard() {
        return !listeners.isEmpty();
    }

    /** Tells an event that happens now. */
    public void tell(String kind, Supplier<Report> facts) {
        if (areHeard()) {
            Violation.Moment when = clock.get();
            listeners.forEach(listener -> listener.happened(kind, when, facts));
        }
    }

    /** Keeps a violation, and tells it. */
    public void tell(Violation violation) {
        violationCount++;
        violations.addLast(violation);
        if (violations.size() > MAX_VIOLATIONS) {
            violations.removeFirst();
        }
        listeners.forEach(listener -> listener.happened(VIOLATION, violation.when(), violation::report));
    }

    /** Returns the last violations, the oldest first. */
    public List<Violation> violations() {
        return List.copyOf(violations);
    }

    /** Returns the number of violations so far, also of those that are not kept any more. */
    public long violationCount() {
        return violationCount;
    }
}
