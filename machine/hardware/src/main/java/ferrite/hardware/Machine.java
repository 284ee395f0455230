package ferrite.hardware;

import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Violation;
import ferrite.hardware.report.ViolationSink;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateMedia;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.PeekMemory;
import ferrite.hardware.turn.RunControl;
import ferrite.hardware.turn.Turn;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine without a board: harts, RAM, bus, clock and the turn. A board puts the devices on its bus.
 *
 * <p>After it is built, everything about it that changes is in its parts, each of which can be saved. It is used by the thread that
 * controls it ({@link Turn#run}), and is closed when nobody wants it any more, so that its threads end. Two machines share nothing.
 */
public final class Machine implements AutoCloseable {

    public static final int MAX_HARTS = 8;

    /**
     * What is decided before there is a machine.
     *
     * @param ramBase      physical address of RAM
     * @param ramBytes     its size
     * @param harts        1 to {@value #MAX_HARTS}
     * @param resetVector  where harts begin
     * @param interleaving who runs next
     * @param seed         of everything that is chosen at random
     */
    public record Configuration(long ramBase, long ramBytes, int harts, long resetVector, Interleavings interleaving, long seed) {

        public Configuration {
            if (harts < 1 || harts > MAX_HARTS) {
                throw new IllegalArgumentException("a machine has 1 to " + MAX_HARTS + " harts, not " + harts);
            }
        }
    }

    private final Clock clock = new Clock();
    private final PhysicalBus bus;
    private final List<Hart> harts = new ArrayList<>();
    private final Turn turn;
    private final RunControl control;
    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final List<Saveable> parts = new ArrayList<>();
    private ViolationSink violationSink = violation -> { };

    public Machine(Configuration configuration) {
        bus = new PhysicalBus(new Ram(configuration.ramBase(), configuration.ramBytes()));
        for (int id = 0; id < configuration.harts(); id++) {
            harts.add(new Hart(id, clock, bus, configuration.resetVector()));
        }
        turn = new Turn(clock, harts, configuration.interleaving().create(configuration.harts(), configuration.seed()));
        control = new RunControl(turn);
        memory = new KernelMemory(turn, clock);
        cpu = new KernelCpu(turn, clock);
        parts.add(clock);
        parts.addAll(harts);
        parts.add(turn);
    }

    /** Adds a part whose state belongs to the machine's. */
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

    /** Halts the machine and lets it run on. */
    public RunControl control() {
        return control;
    }

    public KernelMemory memory() {
        return memory;
    }

    public KernelCpu cpu() {
        return cpu;
    }

    /** Memory as a hart would find it, to look at. */
    public PeekMemory peek(int hart) {
        return new PeekMemory(bus, harts.get(hart));
    }

    /** Where parts report broken rules to, now and later. */
    public ViolationSink violations() {
        return this::report;
    }

    private void report(Violation violation) {
        violationSink.report(violation);
    }

    /** Says who is told of broken rules from now on. */
    public void onViolation(ViolationSink sink) {
        violationSink = sink;
    }

    // ---- snapshots ----

    /** A moment of a machine to which it can return. It stays with the machine that took it. */
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
     * What a part has saved, to be kept outside the machine.
     *
     * @param name which part it is, among all of an equal machine
     */
    public record PartState(String name, byte[] bytes) { }

    /**
     * Takes a snapshot: RAM by remembering pages as they are changed from now on, the rest by copying. To be called by the controller, at any instruction
     * where machine code is all that runs; whoever runs Java on the harts calls it while every hart waits, and makes sure that no Java frame matters then.
     */
    public Snapshot snapshot() {
        return snapshot(new StateWriter());
    }

    /** As {@link #snapshot}, of a machine that will begin anew from here: media, and what is on its way to them, are left alone then. */
    public Snapshot snapshotForReset() {
        return snapshot(new StateWriter(StateMedia.STAY));
    }

    private Snapshot snapshot(StateWriter out) {
        bus.settle();
        parts.forEach(part -> part.save(out));
        return new Snapshot(out.toBytes(), bus.takeImage(), out.media());
    }

    /** Returns to a moment. All Java stacks are taken away; the kernel, if it is Java, has to attach anew. */
    public void restore(Snapshot snapshot) {
        turn.unwindAll();
        bus.restoreImage(snapshot.ram);
        StateReader in = new StateReader(snapshot.parts, snapshot.media);
        parts.forEach(part -> part.restore(in));
    }

    // ---- what is kept of a machine outside of it: its parts, one by one, and pages of RAM ----

    /** What every part but RAM has to save, in order. Brings RAM up to date too. Called as {@link #snapshot} is; changes nothing. */
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
     * Gives the parts what {@link #saveParts} of an equal machine has saved; RAM has to be what it was then already. All Java stacks are taken away.
     *
     * @throws StateException with a sentence, when it does not fit; the machine is of no use any more
     */
    public void restoreParts(List<PartState> states) {
        if (states.size() != parts.size()) {
            throw new StateException("it holds " + states.size() + " parts, and this machine has " + parts.size());
        }
        turn.unwindAll();
        bus.forgetCaches();
        for (int i = 0; i < states.size(); i++) {
            restorePart(i, states.get(i));
        }
    }

    private void restorePart(int index, PartState state) {
        if (!state.name().equals(partName(index))) {
            throw new StateException("its part " + index + " is " + state.name() + ", and that of this machine is " + partName(index));
        }
        StateReader in = new StateReader(state.bytes(), StateMedia.KEPT_BESIDE);
        try {
            parts.get(index).restore(in);
        } catch (StateException e) {
            throw new StateException("the state of part " + index + ", " + state.name() + ", makes no sense: " + e.getMessage());
        }
        if (!in.isAtEnd()) {
            throw new StateException("the state of part " + index + ", " + state.name() + ", is longer than it should be");
        }
    }

    private String partName(int index) {
        return parts.get(index).getClass().getSimpleName();
    }

    /** Shows all pages of RAM that were not all zero at a snapshot. */
    public void forEachPageAt(Snapshot snapshot, Ram.PageVisitor visitor) throws IOException {
        bus.ram().forEachPageAt(snapshot.ram, visitor);
    }

    /** Shows all pages of RAM that hold something else than at a snapshot. */
    public void forEachPageChangedSince(Snapshot snapshot, Ram.PageVisitor visitor) throws IOException {
        bus.ram().forEachPageChangedSince(snapshot.ram, visitor);
    }

    // ---- fingerprints ----

    /** A run in four values: equal for two runs that did the same. */
    public record Digest(long events, long instructions, String memory, String schedule) {

        @Override
        public String toString() {
            return "events " + events + "\ninstructions " + instructions + "\nmemory " + memory + "\nschedule " + schedule + "\n";
        }
    }

    public Digest digest() {
        bus.settle();
        return new Digest(turn.eventNumber(), clock.instructions(), Hex.bytes(bus.ram().digest(sha256())), Hex.bytes(turn.scheduleDigest()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Ends all threads of the machine. Nothing can be done with it afterwards. */
    @Override
    public void close() {
        turn.unwindAll();
    }
}
