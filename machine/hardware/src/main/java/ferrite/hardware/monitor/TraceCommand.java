package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.BusTracer;
import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import java.util.List;

/**
 * The monitor's {@code trace}: has the machine tell frequent events to the front ends that listen, such as the event
 * stream of the debug port. Only the kinds that are traced cost time. The run does not change.
 */
final class TraceCommand implements MonitorCommand {

    private final Machine machine;
    private List<String> traced = List.of();

    TraceCommand(Machine machine) {
        this.machine = machine;
    }

    @Override
    public String name() {
        return "trace";
    }

    @Override
    public String usage() {
        return "trace [on FILTER,... | off]";
    }

    @Override
    public String summary() {
        return "tell frequent events to the clients of the event stream; FILTER is "
                + String.join(" ", MachineEvents.TRACES);
    }

    @Override
    public List<String> examples() {
        return List.of("trace on mmio,irq", "trace off", "trace");
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (arguments.equals("off")) {
            set(List.of());
        } else if (arguments.startsWith("on ")) {
            List<String> filters = List.of(arguments.substring(3).split("[, ]+"));
            for (String filter : filters) {
                if (!MachineEvents.TRACES.contains(filter)) {
                    throw new MonitorException("'" + filter + "' cannot be traced; "
                            + String.join(", ", MachineEvents.TRACES) + " can");
                }
            }
            set(filters);
        } else if (!arguments.isEmpty()) {
            throw new MonitorException("'trace " + arguments + "': " + usage() + " is expected");
        }
        return Report.ofText("trace", (traced.isEmpty() ? "off" : "on " + String.join(",", traced)) + "\n")
                .texts("traced", traced);
    }

    private void set(List<String> filters) {
        traced = filters;
        boolean bus = filters.contains(MachineEvents.MMIO) || filters.contains(MachineEvents.DMA);
        machine.bus().trace(bus ? new Accesses() : null);
        boolean traps = filters.contains(MachineEvents.TRAP) || filters.contains(MachineEvents.IRQ);
        machine.harts().forEach(hart -> hart.traceTraps(traps ? this::trapped : null));
    }

    private final class Accesses implements BusTracer {

        private final boolean mmio = traced.contains(MachineEvents.MMIO);
        private final boolean dma = traced.contains(MachineEvents.DMA);

        @Override
        public void device(BusMaster master, AddressRange device, long pa, int width, int value, boolean store) {
            if (mmio) {
                machine.events().tell(MachineEvents.MMIO, () -> Report.of("mmio").text("by", master.name())
                        .text("device", device.name()).address("pa", pa).number("bytes", width)
                        .text("access", store ? "store" : "load")
                        .text("value", "0x" + Hex.digits(value & 0xffff_ffffL, 2 * width)));
            }
        }

        @Override
        public void block(BusMaster master, long pa, int length, boolean store) {
            if (dma && master.kind() == BusMaster.Kind.DEVICE) {
                machine.events().tell(MachineEvents.DMA, () -> Report.of("dma").text("by", master.name())
                        .address("pa", pa).number("bytes", length).text("access", store ? "write" : "read"));
            }
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
