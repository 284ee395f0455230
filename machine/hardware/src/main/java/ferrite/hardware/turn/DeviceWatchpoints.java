package ferrite.hardware.turn;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.AccessWatch;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.hart.DebugPoints;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.report.Hex;

/**
 * Watchpoints on the side of the devices: halts the machine when a device accesses the memory of a watchpoint.
 *
 * <p>Its virtual addresses are those of the harts, as they translate at the moment of the access. While there are
 * watchpoints, the machine brings memory up to date after each burst, so that it halts within a burst of the access.
 * The run does not change.
 */
final class DeviceWatchpoints implements AccessWatch {

    private final PhysicalBus bus;
    private final Turn turn;
    private final DebugPoints points;
    private final RunControl control;
    private boolean watching;

    DeviceWatchpoints(PhysicalBus bus, Turn turn, DebugPoints points, RunControl control) {
        this.bus = bus;
        this.turn = turn;
        this.points = points;
        this.control = control;
        points.onWatchpointsChanged(this::follow);
    }

    private void follow() {
        boolean wanted = !points.watchpoints().isEmpty();
        if (wanted == watching) {
            return;
        }
        watching = wanted;
        if (wanted) {
            bus.watchDevices(this);
            turn.restriction.observe(bus::settle, DmaController.BURST_TICKS);
        } else {
            bus.unwatchDevices(this);
            turn.restriction.observe(null, Long.MAX_VALUE);
        }
    }

    @Override
    public void beforeAccess(BusMaster master, long va, long pa, int bytes, Access access) {
        boolean store = access == Access.STORE;
        for (DebugPoints.Watchpoint point : points.watchpoints()) {
            long touched = point.kind().reports(store) ? touched(point, pa, bytes) : -1;
            if (touched >= 0) {
                String request = bus.requestOf(master);
                control.deviceAccess(point, master.name() + (store ? " writes " : " reads ") + bytes
                        + (bytes == 1 ? " byte at " : " bytes at ") + Hex.address(touched) + ", physical "
                        + Hex.address(pa) + (request == null ? "" : " (" + request + ")"));
                return;
            }
        }
    }

    /** Returns the first address of the watchpoint that the access reaches, or -1. */
    private long touched(DebugPoints.Watchpoint point, long pa, int bytes) {
        long end = point.va() + point.bytes();
        for (long va = point.va(); va < end; va = (va | Ram.PAGE_BYTES - 1) + 1) {
            long length = Math.min(end, (va | Ram.PAGE_BYTES - 1) + 1) - va;
            for (Hart hart : turn.harts()) {
                long at = translate(hart, va);
                if (at >= 0 && at < pa + bytes && pa < at + length) {
                    return va + Math.max(0, pa - at);
                }
            }
        }
        return -1;
    }

    private static long translate(Hart hart, long va) {
        long pa = hart.mmu().peekTranslate((int) va, hart.dataMode());
        return pa >= 0 ? pa : hart.mmu().peekTranslate((int) va, PrivilegeMode.S);
    }
}
