package ferrite.hardware;

import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.hart.DebugPoints;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.DeviceMisuse;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.report.Violation;
import ferrite.hardware.report.ViolationSink;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateMedia;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.hardware.turn.HeardInterleaving;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.PeekMemory;
import ferrite.hardware.turn.RunControl;
import ferrite.hardware.turn.Strand;
import ferrite.hardware.turn.Turn;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * A machine without a board: harts, RAM, bus, clock and the turn. A board attaches the devices to its bus.
 *
 * <p>Once it is built, all state that changes is in its parts, and each part can be saved. The controlling thread uses
 * the machine ({@link Turn#run}), and must close it at the end so that its threads end. Two machines share nothing.
 */
public final class Machine implements AutoCloseable {

    public static final int MAX_HARTS = 8;

    /**
     * The configuration of a machine, fixed when it is built.
     *
     * @param ramBase      physical address of RAM
     * @param ramBytes     size of RAM
     * @param harts        number of harts, 1 to {@value #MAX_HARTS}
     * @param resetVector  address at which the harts start
     * @param interleaving policy that chooses the next hart
     * @param seed         seed of all random choices
     */
    public record Configuration(long ramBase, long ramBytes, int harts, long resetVector,
            Interleavings interleaving, long seed) {

        public Configuration {
            if (harts < 1 || harts > MAX_HARTS) {
                throw new IllegalArgumentException("a machine has 1 to " + MAX_HARTS + " harts, not " + harts);
            }
        }
    }

    private final Clock clock = new Clock();
    private final PhysicalBus bus;
    private final List<Hart> harts = new ArrayList<>();
    private final HeardInterleaving interleaving;
    private final Turn turn;
    private final RunControl control;
    private final MachineEvents events = new MachineEvents(this::moment);
    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final long seed;
    private final List<Saveable> parts = new ArrayList<>();
    private ViolationSink violationSink = violation -> { };
    private Consumer<DeviceMisuse> misuseSink = misuse -> { };

    public Machine(Configuration configuration) {
        seed = configuration.seed();
        bus = new PhysicalBus(new Ram(configuration.ramBase(), configuration.ramBytes()));
        for (int id = 0; id < configuration.harts(); id++) {
            harts.add(new Hart(id, clock, bus, configuration.resetVector()));
        }
        interleaving = new HeardInterleaving(
                configuration.interleaving().create(configuration.harts(), configuration.seed()));
        turn = new Turn(clock, harts, interleaving);
        DebugPoints points = new DebugPoints();
        points.addTo(bus, harts);
        control = new RunControl(bus, turn, points);
        control.watchHalts(halted -> events.tell(halted ? MachineEvents.HALT : MachineEvents.CONTINUE,
                () -> halted ? Report.of(MachineEvents.HALT).text("why", control.lastHalt().inWords())
                        : Report.of(MachineEvents.CONTINUE)));
        memory = new KernelMemory(turn, clock);
        cpu = new KernelCpu(turn, clock);
        parts.add(clock);
        parts.addAll(harts);
        parts.add(turn);
    }

    /** Adds a part to the machine's saved state. */
    public <T extends Saveable> T add(T part) {
        parts.add(part);
        return part;
    }

    public Clock clock() {
        return clock;
    }

    public PhysicalBus bus() {
        return bus;
    }

    public List<Hart> harts() {
        return List.copyOf(harts);
    }

    public Turn turn() {
        return turn;
    }

    /** Has the hart of each slice told to a listener, which only looks, when the slice begins. */
    public void onSlice(IntConsumer listener) {
        interleaving.onSlice(listener);
    }

    /** Halts the machine and lets it run on. */
    public RunControl control() {
        return control;
    }

    /** Returns the machine's events, for front ends that listen. */
    public MachineEvents events() {
        return events;
    }

    /** The seed of all random choices: the machine's only source of entropy. */
    public long seed() {
        return seed;
    }

    public KernelMemory memory() {
        return memory;
    }

    public KernelCpu cpu() {
        return cpu;
    }

    /** Returns a view of memory, as a hart translates it, for inspection. */
    public PeekMemory peek(int hart) {
        return new PeekMemory(bus, harts.get(hart));
    }

    /** Returns the sink to which parts report violations, now and later. */
    public ViolationSink violations() {
        return this::report;
    }

    private void report(UnreachableAddress transfer) {
        violationSink.report(transfer);
    }

    /** Sets the sink for violations reported from now on. */
    public void onViolation(ViolationSink sink) {
        violationSink = sink;
    }

    /** Sets the sink for misuses of devices that models report from now on. */
    public void onMisuse(Consumer<DeviceMisuse> sink) {
        misuseSink = sink;
    }

    /** Reports that software misuses a device, with the rules of {@link ViolationSink}. */
    public void report(DeviceMisuse misuse) {
        misuseSink.accept(misuse);
    }

    /** Returns the moment of the run, for a violation. */
    public Violation.Moment moment() {
        Hart hart = turn.hart();
        return new Violation.Moment(clock.now(), turn.eventNumber(),
                hart == null ? Violation.Moment.NO_HART : hart.id());
    }

    // ---- snapshots ----

    /** A moment to which the machine can return. It is valid only for the machine that took it. */
    public static final class Snapshot {
        private final byte[] parts;
        private final Ram.Image ram;
        private final StateMedia media;

        private Snapshot(byte[] parts, Ram.Image ram, StateMedia media) {
            this.parts = parts;
            this.ram = ram;
            this.media = media;
        }
    }

    /**
     * The saved state of one part, to be kept outside the machine.
     *
     * @param name the part's name, the same in each machine of this configuration
     */
    public record PartState(String name, byte[] bytes) { }

    /**
     * Takes a snapshot. Pages of RAM are copied only when they change later; all other state is copied now.
     *
     * <p>The controller calls this. While only machine code runs, it may do so at any instruction. If Java code runs on
     * the harts, every hart must be waiting, and the caller makes sure that no Java frame is needed after a restore.
     */
    public Snapshot snapshot() {
        return snapshot(new StateWriter());
    }

    /**
     * Takes a snapshot as {@link #snapshot} does, for a reset. A restore then leaves media, and data on its way to
     * them, alone.
     */
    public Snapshot snapshotForReset() {
        return snapshot(new StateWriter(StateMedia.STAY));
    }

    private Snapshot snapshot(StateWriter out) {
        bus.settle();
        parts.forEach(part -> part.save(out));
        return new Snapshot(out.toBytes(), bus.takeImage(), out.media());
    }

    /**
     * Returns to a snapshot. All Java stacks are unwound, and a Java kernel must attach again.
     *
     * @throws IllegalStateException if the code of a task does not end; the machine is then unusable
     */
    public void restore(Snapshot snapshot) {
        unwindAll();
        bus.restoreImage(snapshot.ram);
        StateReader in = new StateReader(snapshot.parts, snapshot.media);
        parts.forEach(part -> part.restore(in));
    }

    // ---- state kept outside the machine: its parts, one by one, and pages of RAM ----

    /**
     * Saves every part except RAM, in order. It also brings RAM up to date. The rules of {@link #snapshot} apply.
     * Nothing changes.
     */
    public List<PartState> saveParts() {
        bus.settle();
        List<PartState> states = new ArrayList<>();
        for (Saveable part : parts) {
            StateWriter out = new StateWriter(StateMedia.KEPT_BESIDE);
            part.save(out);
            states.add(new PartState(partName(states.size()), out.toBytes()));
        }
        return states;
    }

    /**
     * Restores the parts from the states that {@link #saveParts} of an equal machine returned. RAM must already hold
     * the contents of that moment. All Java stacks are unwound.
     *
     * @throws StateException if the states do not fit, with a sentence; the machine is then unusable
     */
    public void restoreParts(List<PartState> states) {
        if (states.size() != parts.size()) {
            throw new StateException("it holds " + states.size() + " parts, and this machine has " + parts.size());
        }
        unwindAll();
        bus.forgetCaches();
        for (int i = 0; i < states.size(); i++) {
            restorePart(i, states.get(i));
        }
    }

    private void unwindAll() {
        turn.strands().unwindAll();
        for (Strand strand : turn.strands().unended()) {
            throw new IllegalStateException("the code of '" + strand.name() + "' does not end, so the machine cannot "
                    + "return to an earlier moment");
        }
    }

    private void restorePart(int index, PartState state) {
        if (!state.name().equals(partName(index))) {
            throw new StateException("its part " + index + " is " + state.name() + ", but part " + index
                    + " of this machine is " + partName(index));
        }
        StateReader in = new StateReader(state.bytes(), StateMedia.KEPT_BESIDE);
        try {
            parts.get(index).restore(in);
        } catch (StateException e) {
            throw new StateException("the state of part " + index + ", " + state.name()
                    + ", makes no sense: " + e.getMessage());
        }
        if (!in.isAtEnd()) {
            throw new StateException("the state of part " + index + ", " + state.name()
                    + ", is longer than it should be");
        }
    }

    private String partName(int index) {
        return parts.get(index).getClass().getSimpleName();
    }

    /** Visits all pages of RAM that were not all zero at a snapshot. */
    public void forEachPageAt(Snapshot snapshot, Ram.PageVisitor visitor) throws IOException {
        bus.ram().forEachPageAt(snapshot.ram, visitor);
    }

    /** Visits all pages of RAM that differ from a snapshot. */
    public void forEachPageChangedSince(Snapshot snapshot, Ram.PageVisitor visitor) throws IOException {
        bus.ram().forEachPageChangedSince(snapshot.ram, visitor);
    }

    // ---- fingerprints ----

    /** Four values that are equal for two runs with equal behaviour. */
    public record Digest(long events, long instructions, String memory, String schedule) {

        @Override
        public String toString() {
            return "events " + events + "\ninstructions " + instructions + "\nmemory " + memory
                    + "\nschedule " + schedule + "\n";
        }
    }

    public Digest digest() {
        bus.settle();
        return new Digest(turn.eventNumber(), clock.instructions(), Hex.bytes(bus.ram().digest(sha256())),
                Hex.bytes(turn.scheduleDigest()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Ends all threads of the machine. It cannot be used afterwards. */
    @Override
    public void close() {
        turn.strands().unwindAll();
    }
}
