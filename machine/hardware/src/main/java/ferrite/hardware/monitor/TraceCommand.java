package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.report.Report;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The monitor's {@code trace}: has the machine tell frequent events to the front ends that listen, such as the event
 * stream of the debug port. It keeps the last ones itself, for front ends without a stream. Only the kinds that are
 * traced cost time. The run does not change.
 */
final class TraceCommand implements MonitorCommand {

    private static final int DEFAULT_SHOWN = 20;

    private final Machine machine;
    private final Monitor monitor;
    private final TracedEvents kept = new TracedEvents(this::kept);
    private List<String> traced = List.of();
    /** The traced kinds whose events are printed as they happen. */
    private final Set<String> printing = new LinkedHashSet<>();

    /** @param monitor has the traces of the software */
    TraceCommand(Machine machine, Monitor monitor) {
        this.machine = machine;
        this.monitor = monitor;
    }

    /** All clients see one trace, and it slows the machine. */
    @Override
    public Effect effect(String arguments) {
        return Effect.STEERS;
    }

    @Override
    public String name() {
        return "trace";
    }

    @Override
    public String usage() {
        return "trace [on FILTER,... | off | last [N] | FILTER on | FILTER off]";
    }

    @Override
    public String summary() {
        return "tell frequent events to the WebSocket of the debug port, at most 2000 a second, dropped ones counted; "
                + "'trace last' shows the newest " + TracedEvents.MAX + " anywhere. FILTER is "
                + String.join(" ", known()) + "; 'trace FILTER on' also prints each as it happens; "
                + "bus is every access of every master, RAM and instruction fetches "
                + "included, and slows the host down, not the machine";
    }

    @Override
    public List<String> examples() {
        return List.of("trace on mmio,irq", "trace last 5", "trace off", "trace buddy on", "trace");
    }

    /** Returns the kinds that this machine can trace. */
    private List<String> known() {
        return MachineEvents.TRACES.stream()
                .filter(kind -> !MachineEvents.SOFTWARE_TRACES.contains(kind) || monitor.traces().containsKey(kind))
                .toList();
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (arguments.equals("last") || arguments.startsWith("last ")) {
            return kept.report(count(arguments.substring(4).strip()));
        }
        if (arguments.equals("off")) {
            set(List.of());
        } else if (arguments.startsWith("on ")) {
            List<String> filters = List.of(arguments.substring(3).split("[, ]+"));
            for (String filter : filters) {
                requireKnown(filter);
            }
            set(filters);
        } else if (arguments.matches("[a-z]+ (on|off)")) {
            print(arguments.substring(0, arguments.indexOf(' ')), arguments.endsWith(" on"));
        } else if (!arguments.isEmpty()) {
            throw new MonitorException("'trace " + arguments + "': " + usage() + " is expected");
        }
        return Report.ofText("trace", (traced.isEmpty() ? "off" : "on " + String.join(",", traced)) + "\n")
                .texts("traced", traced);
    }

    private void kept(String kind, Supplier<String> line) {
        if (printing.contains(kind)) {
            monitor.print(line.get());
        }
    }

    private static int count(String typed) throws MonitorException {
        int count = typed.isEmpty() ? DEFAULT_SHOWN : typed.matches("[0-9]{1,3}") ? Integer.parseInt(typed) : 0;
        if (count < 1 || count > TracedEvents.MAX) {
            throw new MonitorException("'trace last " + typed + "': 1 to " + TracedEvents.MAX + " events are kept");
        }
        return count;
    }

    /** Traces one more kind, or one less, and prints each of its events. */
    private void print(String filter, boolean on) throws MonitorException {
        requireKnown(filter);
        List<String> filters = new ArrayList<>(traced);
        filters.remove(filter);
        if (on) {
            filters.add(filter);
        }
        Set<String> printed = new LinkedHashSet<>(printing);
        set(filters);
        printing.addAll(printed);
        if (on) {
            printing.add(filter);
        } else {
            printing.remove(filter);
        }
    }

    private void requireKnown(String filter) throws MonitorException {
        if (MachineEvents.SOFTWARE_TRACES.contains(filter) && !monitor.traces().containsKey(filter)) {
            throw new MonitorException("'" + filter + "' is an event of the mini-kernel, and this machine runs none: "
                    + "'ferrite run' does; here " + String.join(", ", known()) + " can be traced");
        }
        if (!MachineEvents.TRACES.contains(filter)) {
            throw new MonitorException("'" + filter + "' cannot be traced; " + String.join(", ", known()) + " can");
        }
    }

    private void set(List<String> filters) {
        traced = new ArrayList<>(filters);
        boolean all = filters.contains(MachineEvents.BUS);
        boolean bus = all || filters.contains(MachineEvents.MMIO) || filters.contains(MachineEvents.DMA);
        machine.bus().trace(bus ? new TracedAccesses(machine.events(), filters) : null, all);
        boolean traps = filters.contains(MachineEvents.TRAP) || filters.contains(MachineEvents.IRQ);
        machine.harts().forEach(hart -> hart.traceTraps(traps ? this::trapped : null));
        monitor.traces().forEach((kind, switches) -> switches.accept(filters.contains(kind)));
        printing.clear();
        machine.events().remove(kept);
        if (!filters.isEmpty()) {
            kept.clear();
            machine.events().add(kept);
        }
    }

    private void trapped(Hart hart, Hart.TrapTaken trap) {
        String kind = trap.cause() < 0 ? MachineEvents.IRQ : MachineEvents.TRAP;
        if (traced.contains(kind)) {
            machine.events().tell(kind, () -> Report.of(kind).number("on_hart", hart.id())
                    .text("cause", Trap.name(trap.cause())).address("tval", trap.tval() & 0xffff_ffffL)
                    .address("pc", trap.pc() & 0xffff_ffffL).text("from", PrivilegeMode.name(trap.fromMode()))
                    .text("to", PrivilegeMode.name(trap.toMode())));
        }
    }
}
