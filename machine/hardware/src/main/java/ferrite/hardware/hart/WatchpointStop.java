package ferrite.hardware.hart;

/** Abandons an instruction before an access that a watchpoint reports. The instruction has changed nothing. */
final class WatchpointStop extends RuntimeException {

    private static final long serialVersionUID = 1;

    final transient DebugPoints.Watchpoint point;
    final long va;
    final boolean store;

    WatchpointStop(DebugPoints.Watchpoint point, long va, boolean store) {
        super(null, null, false, false);
        this.point = point;
        this.va = va;
        this.store = store;
    }
}
