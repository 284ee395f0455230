package ferrite.debugport.gdb;

import ferrite.hardware.debug.DebugTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The clients of the GDB protocol at one machine. All methods are called on the thread that holds the turn. */
final class GdbServer {

    static final int MAX_CLIENTS = 2;
    static final int MAX_STRANGERS = 1;

    private final DebugTarget target;
    private final List<GdbSession> sessions = new ArrayList<>();

    GdbServer(DebugTarget target) {
        this.target = target;
    }

    /**
     * Opens a session. Returns null if there are {@value #MAX_CLIENTS} already, or {@value #MAX_STRANGERS} of clients
     * that may not control the machine.
     */
    GdbSession open(Consumer<String> sender, boolean mayControl) {
        long others = sessions.stream().filter(other -> other.mayControl() == mayControl).count();
        if (others >= (mayControl ? MAX_CLIENTS : MAX_STRANGERS)) {
            return null;
        }
        boolean controls = mayControl && sessions.stream().noneMatch(GdbSession::controls);
        GdbSession session = new GdbSession(target, sender, mayControl, controls);
        sessions.add(session);
        return session;
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
