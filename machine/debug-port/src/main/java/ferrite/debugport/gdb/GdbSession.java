package ferrite.debugport.gdb;

import ferrite.hardware.debug.DebugMemory;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.turn.Halt;
import ferrite.hardware.turn.RunControl;
import java.util.List;
import java.util.function.Consumer;

/**
 * One client of the GDB protocol, as the machine sees it. All methods are called on the thread that holds the turn.
 *
 * <p>The first client that has the right to do so controls the machine. A second one may only read, as the live watch
 * of an IDE does.
 */
final class GdbSession {

    private static final String ONLY_READS = "another debugger controls this machine; this one can only read";
    private static final String IS_STRANGER = "this debugger can only read: it runs as another user than the machine, "
            + "which was started without --debug-open";

    private static final String HAS_DETACHED = "this debugger has detached; it has to attach again first";

    private final GdbServer server;
    private final DebugTarget target;
    private final RunControl control;
    private final Consumer<String> sender;
    private final boolean mayControl;
    private final GdbThreads threads;
    private final PointPackets points;
    private final RunPackets runs;
    private final StopReply stops;
    private final List<PacketHandler> handlers;
    private final Consumer<Halt> listener = this::halted;
    private GdbThread selected;
    private GdbThread forControl;
    private boolean controls;
    private boolean detached;
    /** The rest of an answer that is made piece by piece, or null. */
    private LongAnswer rest;
    /** Whether the client waits for a stop reply. */
    private boolean resumed;
    private boolean killed;
    /** Whether the machine knows of this debugger. */
    private boolean attached;
    private boolean lldb;

    /**
     * Creates a session. One that controls the machine halts it.
     *
     * @param sender     takes the data of each packet to send, in order
     * @param mayControl whether the client has the right to control the machine, if no other does
     */
    GdbSession(GdbServer server, Consumer<String> sender, boolean mayControl) {
        this.server = server;
        this.target = server.target();
        this.control = target.machine().control();
        this.sender = sender;
        this.mayControl = mayControl;
        threads = new GdbThreads(target.machine().harts(), target.harts(), target.tasks());
        DebugMemory memory = new DebugMemory(target.machine(), target.symbols());
        points = new PointPackets(control.points(), memory, this);
        runs = new RunPackets(this, threads, control);
        stops = new StopReply(threads, points);
        handlers = List.of(runs, new RegisterPackets(threads, this),
                new MemoryPackets(memory, this), points,
                new TransferPackets(server, threads), new FilePackets(target.symbols()),
                new LldbPackets(this, target, threads), new QueryPackets(this, target, threads));
        if (mayControl && !server.isControlled()) {
            attach();
            if (!control.isHalted()) {
                control.halt();
            }
        }
        control.onHalt(listener);
        selected = threads.hart(control.lastHalt().hart());
        forControl = selected;
    }

    /** Answers a packet, or makes the first piece of its answer. */
    void packet(String data) {
        send(answer(() -> answerOf(data)));
    }

    /** Tells whether the answer to the last packet is not complete yet, so that {@link #goOn} is to be called. */
    boolean goesOn() {
        return rest != null;
    }

    /** Makes the next piece of an answer. */
    void goOn() {
        String reply = answer(rest);
        if (reply != null) {
            rest = null;
            send(reply);
        }
    }

    private void send(String reply) {
        if (reply != PacketHandler.NO_REPLY) {
            sender.accept(reply);
        }
    }

    private String answerOf(String data) throws PacketException {
        if (data.isEmpty()) {
            return PacketHandler.UNKNOWN;
        }
        for (PacketHandler handler : handlers) {
            String reply = handler.answer(data);
            if (reply != null) {
                return reply;
            }
        }
        return PacketHandler.UNKNOWN;
    }

    private String answer(LongAnswer answer) {
        try {
            return answer.next();
        } catch (PacketException refused) {
            return lldb ? "E01" : Packets.error(refused.getMessage());
        } catch (RuntimeException | StackOverflowError mistake) {
            // A mistake of ours must not end the machine's run.
            return lldb ? "E01" : Packets.error("internal error: " + mistake);
        }
    }

    /**
     * Halts the machine at the client's request, if the client lets it run. The client sees the hart that it had
     * selected, as with other stubs, and not one that happens to have the turn.
     */
    void interrupt() {
        runs.interrupted();
        if (resumed) {
            control.halt(new Halt(Halt.Reason.REQUEST, selected.hart().id(), null, null));
        }
    }

    private void halted(Halt halt) {
        if (!resumed || runs.continuesAfter(halt)) {
            return;
        }
        resumed = false;
        selected = threads.hart(halt.hart());
        forControl = selected;
        if (halt.sentence() != null && halt.reason() != Halt.Reason.WATCHPOINT) {
            console(halt.sentence() + "\n");
        }
        sender.accept(stops.of(halt));
    }

    /** Tells the client that the run has ended. */
    void ended(int status) {
        if (resumed) {
            resumed = false;
            sender.accept("W" + Packets.hex(status, 2) + threads.ofProcess());
        }
    }

    /** Ends the session. The machine stays halted, unless the client has detached. */
    void close() {
        leave();
        control.removeListener(listener);
        if (killed) {
            control.kill();
        }
    }

    private void attach() {
        controls = true;
        detached = false;
        attached = true;
        control.countDebuggers(1);
        control.points().stopAtEbreak(true);
    }

    private void leave() {
        points.clearAll();
        if (attached) {
            attached = false;
            control.countDebuggers(-1);
            control.points().stopAtEbreak(false);
            control.holdInterruptsInSteps(false);
        }
    }

    // ---- for the groups of packets ----

    /** Shows a text on the client's console. */
    void console(String text) {
        sender.accept("O" + Packets.hexText(text));
    }

    /** Returns the stop reply for the question why the machine stands still. */
    String lastStop() {
        return stops.of(control.lastHalt());
    }

    StopReply stops() {
        return stops;
    }

    void resumes() {
        resumed = true;
    }

    /** Checks that the client may change the machine, and that the machine stands still. */
    void requireControl() throws PacketException {
        if (!controls) {
            throw new PacketException(!mayControl ? IS_STRANGER : detached ? HAS_DETACHED : ONLY_READS);
        }
    }

    /** Prepares for a change of registers, which may move a hart away from a breakpoint. */
    void changesRegisters() {
        control.pcChanged();
    }

    boolean controls() {
        return controls;
    }

    boolean mayControl() {
        return mayControl;
    }

    /** Tells whether the client may run all of the monitor's commands. */
    boolean mayCommand() {
        return controls || mayControl && !server.isControlled();
    }

    /** Tells whether the client has given the control back, but keeps its connection. */
    boolean hasDetached() {
        return detached;
    }

    /** Has the answer to a packet made piece by piece. Returns the reply for now. */
    String later(LongAnswer answer) {
        rest = answer;
        return PacketHandler.NO_REPLY;
    }

    GdbThread threadForControl() {
        return forControl;
    }

    void select(GdbThread thread) {
        selected = thread;
    }

    void selectForControl(GdbThread thread) {
        forControl = thread;
    }

    GdbThread selected() {
        return selected;
    }

    void useLldb() {
        lldb = true;
    }

    boolean isLldb() {
        return lldb;
    }

    /** Lets the machine run on without the client. The next one that attaches has the control. */
    void detach() {
        leave();
        resumed = false;
        if (controls) {
            detached = true;
            controls = false;
            control.resume();
        }
    }

    /** Attaches after a detach, and halts the machine, if no other client controls it. Returns the stop reply. */
    String attachAgain() {
        if (!controls && mayControl && !server.isControlled()) {
            attach();
            control.halt();
            selected = threads.hart(control.lastHalt().hart());
            forControl = selected;
        }
        detached = false;
        return lastStop();
    }

    /** Returns the machine to power-on, for the client. Returns the reply. */
    String restart() throws PacketException {
        if (detached) {
            attachAgain();
        }
        requireControl();
        String refusal = target.restart();
        if (refusal != null) {
            throw new PacketException(refusal);
        }
        killed = false;
        selected = threads.hart(0);
        forControl = selected;
        return lastStop();
    }

    /**
     * Ends the run.
     *
     * @param later whether the client may start it again, so that the run ends only when the client leaves
     */
    void kill(boolean later) throws PacketException {
        requireControl();
        killed = later;
        if (!later) {
            control.kill();
        }
    }
}
