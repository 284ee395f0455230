package ferrite.debugport.gdb;

import ferrite.hardware.Machine;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.debug.HartDescriber;
import ferrite.hardware.debug.SymbolSource;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.turn.Interleavings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Answers the packets of GDB's connection once, before the first client comes. The JVM has then loaded the classes of
 * the protocol. The machine is a small one of its own, so the user's run does not know of it.
 */
final class Rehearsal implements DebugTarget {

    private static final int RAM_BYTES = 1 << 20;

    /** What GDB 13.1 sends, apart from what each hart and each task adds. */
    static final List<String> PACKETS = List.of("qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;"
            + "fork-events+;vfork-events+;exec-events+;vContSupported+;QThreadEvents+;no-resumed+;memory-tagging+",
            "vMustReplyEmpty", "QStartNoAckMode", "Hg0", "qXfer:features:read:target.xml:0,1000", "qTStatus", "?",
            "qXfer:threads:read::0,1000", "qAttached", "Hc-1", "qOffsets", "g", "m0,4", "qXfer:memory-map:read::0,1000",
            "qSymbol::", "vCont?", "vCont;c", "D");

    private final Machine machine =
            new Machine(new Machine.Configuration(0, RAM_BYTES, 1, 0, Interleavings.RR, 0));
    private final Monitor monitor = new Monitor();

    /** Plays the connection on a thread of its own. A process that ends does not wait for it. */
    static void start() {
        Thread thread = new Thread(Rehearsal::play, "ferrite-debug-rehearsal");
        thread.setDaemon(true);
        thread.start();
    }

    /** Plays the connection. Returns what the client would have received. */
    static String play() {
        Rehearsal target = new Rehearsal();
        StringBuilder received = new StringBuilder();
        try (Machine closed = target.machine) {
            closed.control().halt();
            EmbeddedChannel channel =
                    new EmbeddedChannel(new GdbHandler(new GdbHandler.Clients(target), Runnable::run, true));
            for (String packet : PACKETS) {
                channel.writeInbound(PacketWriter.packet(channel.alloc(), packet));
                channel.runPendingTasks();
                for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
                    received.append(out.toString(StandardCharsets.ISO_8859_1));
                    out.release();
                }
            }
            channel.finishAndReleaseAll();
        }
        return received.toString();
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public Monitor monitor() {
        return monitor;
    }

    @Override
    public SymbolSource symbols() {
        return SymbolSource.NONE;
    }

    @Override
    public HartDescriber harts() {
        return hart -> "";
    }

    @Override
    public String restart() {
        return "this machine is not restarted";
    }
}
