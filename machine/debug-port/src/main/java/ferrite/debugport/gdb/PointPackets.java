package ferrite.debugport.gdb;

import ferrite.hardware.hart.DebugPoints;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The packets Z and z: breakpoints and watchpoints of one client. */
final class PointPackets implements PacketHandler {

    /** The number of hardware breakpoints. Software breakpoints and watchpoints are not limited. */
    static final int MAX_HARDWARE_BREAKPOINTS = 8;
    /** A bound for all points of a client, because each costs memory here. */
    private static final int MAX_POINTS = 4096;
    private static final int MAX_WATCHED_BYTES = 1 << 20;

    private static final int SOFTWARE = 0;
    private static final int HARDWARE = 1;

    private record Point(int type, long va, long length) { }

    private final DebugPoints points;
    private final BooleanSupplier mayControl;
    private final Map<Point, DebugPoints.Watchpoint> set = new LinkedHashMap<>();

    PointPackets(DebugPoints points, BooleanSupplier mayControl) {
        this.points = points;
        this.mayControl = mayControl;
    }

    @Override
    public String answer(String data) throws PacketException {
        char command = data.charAt(0);
        if (command != 'Z' && command != 'z') {
            return null;
        }
        String[] parts = data.substring(1).split(";", 2)[0].split(",", -1);
        if (parts.length < 3) {
            throw new PacketException("a point has a type, an address and a kind");
        }
        int type = Packets.length(parts[0]);
        if (type > 4) {
            return UNKNOWN;
        }
        if (!mayControl.getAsBoolean()) {
            throw new PacketException(GdbSession.ONLY_READS);
        }
        long length = type <= HARDWARE ? 1 : Math.max(1, Packets.number(parts[2]));
        Point point = new Point(type, Packets.address(parts[1]), length);
        if (command == 'z') {
            clear(point);
        } else {
            set(point);
        }
        return "OK";
    }

    private void set(Point point) throws PacketException {
        if (set.containsKey(point)) {
            return;
        }
        if (set.size() >= MAX_POINTS) {
            throw new PacketException("there are " + MAX_POINTS + " breakpoints and watchpoints already");
        }
        if (point.type == HARDWARE && hardware() >= MAX_HARDWARE_BREAKPOINTS) {
            throw new PacketException("there are " + MAX_HARDWARE_BREAKPOINTS + " hardware breakpoints, all in use");
        }
        if (point.length > MAX_WATCHED_BYTES || point.va + point.length > 1L << 32) {
            throw new PacketException("a watchpoint has at most " + MAX_WATCHED_BYTES + " bytes");
        }
        if (point.type <= HARDWARE) {
            points.setBreakpoint(point.va);
            set.put(point, null);
        } else {
            DebugPoints.Watchpoint watchpoint =
                    new DebugPoints.Watchpoint(kind(point.type), point.va, point.length);
            points.setWatchpoint(watchpoint);
            set.put(point, watchpoint);
        }
    }

    private void clear(Point point) {
        if (!set.containsKey(point)) {
            return;
        }
        DebugPoints.Watchpoint watchpoint = set.remove(point);
        if (watchpoint == null) {
            points.clearBreakpoint(point.va);
        } else {
            points.clearWatchpoint(watchpoint);
        }
    }

    private long hardware() {
        return set.keySet().stream().filter(point -> point.type == HARDWARE).count();
    }

    private static DebugPoints.Kind kind(int type) {
        return switch (type) {
            case 2 -> DebugPoints.Kind.WRITE;
            case 3 -> DebugPoints.Kind.READ;
            default -> DebugPoints.Kind.ACCESS;
        };
    }

    /** Returns the reason in a stop reply for a breakpoint at an address; empty if it is another client's. */
    String reasonAt(long va) {
        if (set.containsKey(new Point(SOFTWARE, va, 1))) {
            return "swbreak:;";
        }
        return set.containsKey(new Point(HARDWARE, va, 1)) ? "hwbreak:;" : "";
    }

    /** Clears all points of the client. */
    void clearAll() {
        for (Point point : java.util.List.copyOf(set.keySet())) {
            clear(point);
        }
    }
}
