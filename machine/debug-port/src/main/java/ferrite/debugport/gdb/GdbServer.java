package ferrite.debugport.gdb;

import ferrite.hardware.debug.DebugMemory;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.hart.Hart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The clients of the GDB protocol at one machine. All methods are called on the thread that holds the turn. */
final class GdbServer {

    static final int MAX_CLIENTS = 2;
    static final int MAX_STRANGERS = 1;
    /** An address without memory, on each board. */
    private static final long LAST_WORD = 0xffff_fffcL;

    private final DebugTarget target;
    private final List<GdbSession> sessions = new ArrayList<>();
    private String description;
    /** The exposed CSRs that the description has. */
    private Map<Integer, String> described = Map.of();

    GdbServer(DebugTarget target) {
        this.target = target;
    }

    /**
     * Opens a session. Returns null if there are {@value #MAX_CLIENTS} already, or {@value #MAX_STRANGERS} of clients
     * that may not control the machine. Clients that have detached do not count.
     */
    GdbSession open(Consumer<String> sender, boolean mayControl) {
        long others = sessions.stream()
                .filter(other -> other.mayControl() == mayControl && !other.hasDetached()).count();
        if (others >= (mayControl ? MAX_CLIENTS : MAX_STRANGERS)) {
            return null;
        }
        GdbSession session = new GdbSession(this, sender, mayControl);
        sessions.add(session);
        return session;
    }

    DebugTarget target() {
        return target;
    }

    /** Tells whether one of the clients controls the machine. */
    boolean isControlled() {
        return sessions.stream().anyMatch(GdbSession::controls);
    }

    /** Makes what every client asks for, and has the JVM load the classes of this machine that answer. */
    void prepare() {
        description();
        Hart hart = target.machine().harts().get(0);
        target.harts().describe(hart.id());
        new DebugMemory(target.machine(), target.symbols()).translate(hart, LAST_WORD);
    }

    /** Tells whether the machine runs, so that a client should not keep it waiting. */
    boolean isRunning() {
        return !target.machine().control().isHalted();
    }

    /**
     * Looks at the machine at once, on the port's thread, if the machine stands still and its thread only waits.
     * Returns whether it did.
     */
    boolean lookNow(Runnable request) {
        return target.machine().control().lookNow(request);
    }

    /** Returns the target description. It is made anew only after CSRs were exposed: a hart keeps its registers. */
    String description() {
        Map<Integer, String> exposed = target.machine().control().exposedCsrs().names();
        if (description == null || !described.equals(exposed)) {
            described = Map.copyOf(exposed);
            description = TargetDescription.of(target.machine().harts().get(0), exposed);
        }
        return description;
    }

    void close(GdbSession session) {
        if (sessions.remove(session)) {
            session.close();
        }
    }

    /** Tells the clients that the run has ended. */
    void ended(int status) {
        sessions.forEach(session -> session.ended(status));
    }
}
