package ferrite.debugport.gdb;

import ferrite.hardware.debug.DebugMemory;
import ferrite.hardware.hart.DebugPoints;
import ferrite.hardware.hart.Hart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

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
    private final GdbSession session;
    private final DebugMemory memory;
    /** The points that are set, with the action that clears each. */
    private final Map<Point, Runnable> set = new LinkedHashMap<>();

    PointPackets(DebugPoints points, DebugMemory memory, GdbSession session) {
        this.points = points;
        this.memory = memory;
        this.session = session;
    }

    @Override
    public String answer(String data) throws PacketException {
        char command = data.charAt(0);
        if (command != 'Z' && command != 'z') {
            return null;
        }
        int semicolon = data.indexOf(';');
        String conditions = semicolon < 0 ? "" : data.substring(semicolon + 1);
        String[] parts = data.substring(1, semicolon < 0 ? data.length() : semicolon).split(",", -1);
        if (parts.length < 3) {
            throw new PacketException("a point has a type, an address and a kind");
        }
        int type = Packets.length(parts[0]);
        if (type > 4) {
            return UNKNOWN;
        }
        session.requireControl();
        long length = type <= HARDWARE ? 1 : Math.max(1, Packets.number(parts[2]));
        Point point = new Point(type, Packets.address(parts[1]), length);
        if (command == 'z') {
            clear(point);
        } else {
            set(point, conditions(conditions));
        }
        return "OK";
    }

    private void set(Point point, List<AgentExpression> conditions) throws PacketException {
        if (set.containsKey(point)) {
            clear(point);                              // its conditions may be new
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
            Predicate<Hart> condition = hart -> conditions.isEmpty()
                    || conditions.stream().anyMatch(each -> each.holds(hart, memory));
            points.setBreakpoint(point.va, condition);
            set.put(point, () -> points.clearBreakpoint(point.va, condition));
        } else {
            DebugPoints.Watchpoint watchpoint =
                    new DebugPoints.Watchpoint(kind(point.type), point.va, point.length);
            points.setWatchpoint(watchpoint);
            set.put(point, () -> points.clearWatchpoint(watchpoint));
        }
    }

    private void clear(Point point) {
        Runnable clearing = set.remove(point);
        if (clearing != null) {
            clearing.run();
        }
    }

    /** Parses conditions: {@code X}, a length, a comma and that many bytes, again and again. */
    private static List<AgentExpression> conditions(String text) throws PacketException {
        List<AgentExpression> conditions = new ArrayList<>();
        int at = 0;
        while (at < text.length() && text.charAt(at) == 'X') {
            int comma = text.indexOf(',', at);
            int length = comma < 0 ? -1 : Packets.length(text.substring(at + 1, comma));
            if (length < 0 || length > AgentExpression.MAX_BYTES || comma + 1 + 2 * length > text.length()) {
                throw new PacketException("a condition has a length and at most " + AgentExpression.MAX_BYTES
                        + " bytes");
            }
            at = comma + 1 + 2 * length;
            conditions.add(new AgentExpression(Packets.bytes(text.substring(comma + 1, at))));
        }
        return conditions;
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
        for (Point point : List.copyOf(set.keySet())) {
            clear(point);
        }
    }
}
