package ferrite.hardware.monitor;

import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.BusTracer;
import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import java.util.List;

/** Tells accesses on the bus as events of the kinds that are traced. */
final class TracedAccesses implements BusTracer {

    private final MachineEvents events;
    private final boolean bus;
    private final boolean mmio;
    private final boolean dma;

    TracedAccesses(MachineEvents events, List<String> kinds) {
        this.events = events;
        this.bus = kinds.contains(MachineEvents.BUS);
        this.mmio = kinds.contains(MachineEvents.MMIO);
        this.dma = kinds.contains(MachineEvents.DMA);
    }

    @Override
    public void device(BusMaster master, AddressRange device, long pa, int width, int value, boolean store) {
        tell(mmio, MachineEvents.MMIO, master, device.name(), pa, width, value, store);
    }

    @Override
    public void ram(BusMaster master, long pa, int width, int value, boolean store) {
        tell(dma && !isHart(master), MachineEvents.DMA, master, "ram", pa, width, value, store);
    }

    private void tell(boolean asKind, String kind, BusMaster master, String device, long pa, int width, int value,
            boolean store) {
        if (asKind) {
            events.tell(kind, () -> access(kind, master, device, pa, width, value, store));
        }
        if (bus) {
            events.tell(MachineEvents.BUS,
                    () -> access(MachineEvents.BUS, master, device, pa, width, value, store));
        }
    }

    private static Report access(String kind, BusMaster master, String device, long pa, int width, int value,
            boolean store) {
        return Report.of(kind).text("by", master.name()).text("device", device).address("pa", pa)
                .number("bytes", width).text("access", store ? "store" : "load")
                .text("value", "0x" + Hex.digits(value & 0xffff_ffffL, 2 * width));
    }

    @Override
    public void block(BusMaster master, long pa, int length, boolean store) {
        if (dma && !isHart(master)) {
            events.tell(MachineEvents.DMA, () -> block(MachineEvents.DMA, master, pa, length, store));
        }
        if (bus) {
            events.tell(MachineEvents.BUS, () -> block(MachineEvents.BUS, master, pa, length, store));
        }
    }

    private static Report block(String kind, BusMaster master, long pa, int length, boolean store) {
        return Report.of(kind).text("by", master.name()).address("pa", pa).number("bytes", length)
                .text("access", store ? "write" : "read");
    }

    private static boolean isHart(BusMaster master) {
        return master.kind() == BusMaster.Kind.HART;
    }
}
