package ferrite.peripherals.nic;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;
import ferrite.peripherals.net.Wire;
import java.util.ArrayDeque;
import java.util.Deque;

/** The engine that stores frames into memory. Frames wait in the card until it has time for them. */
final class NicReceiver implements Saveable {

    /** The frames that the card itself can hold. */
    static final int MAX_WAITING = 16;

    private static final int STORE_TICKS = Clock.TICKS_PER_MICROSECOND;
    private static final int OVERRUN_BYTES = 8;

    private final NicMemory memory;
    private final NicRing ring = new NicRing();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    /** The fault of the first frame that waits; null for none. */
    private FaultKind fault;
    private int lost;
    private long frames;

    NicReceiver(NicMemory memory) {
        this.memory = memory;
    }

    NicRing ring() {
        return ring;
    }

    int lost() {
        return lost;
    }

    /** Returns the number of frames that were stored since power-on. */
    long frames() {
        return frames;
    }

    int waiting() {
        return waiting.size();
    }

    void reset() {
        ring.reset();
        waiting.clear();
        fault = null;
        lost = 0;
    }

    /** Takes a frame from the cable. Returns whether it is the only one that waits. */
    boolean queue(byte[] frame) {
        if (waiting.size() == MAX_WAITING) {
            lost++;
            return false;
        }
        waiting.add(frame);
        return waiting.size() == 1;
    }

    /** Begins with the first frame. Returns the ticks until it is stored. */
    long begin(DeviceFaults faults) {
        fault = faults.ofNext();
        return STORE_TICKS + (fault == FaultKind.SLOW ? Clock.TICKS_PER_SECOND : 0);
    }

    boolean isPulledOut() {
        return fault == FaultKind.REMOVED;
    }

    boolean interruptsForNothing() {
        return fault == FaultKind.SPURIOUS;
    }

    /** Drops the first frame. Returns no cause of an interrupt. */
    long drop() {
        waiting.remove();
        return 0;
    }

    /**
     * Stores the first frame, as far as the buffer of the next descriptor has room, and gives the descriptor back. The
     * frame is lost if that descriptor is not the card's. Returns the causes of an interrupt.
     */
    long store() throws Nic.EngineError {
        byte[] frame = waiting.remove().clone();
        long descriptor = ring.next();
        if ((memory.load(descriptor, NicRegisters.STATE) & NicRegisters.OWN) == 0) {
            lost++;
            return NicRegisters.NO_BUFFER;
        }
        long address = memory.load(descriptor, NicRegisters.ADDRESS) & 0xffff_ffffL;
        int room = memory.load(descriptor, NicRegisters.LENGTH);
        if (room < NicRegisters.MIN_BUFFER || room > NicRegisters.MAX_BUFFER) {
            throw new Nic.EngineError(NicRegisters.BAD_LENGTH, descriptor);
        }
        int length = fault == FaultKind.SHORT ? frame.length / 2 : frame.length;
        int count = Math.min(length, room);
        if (fault == FaultKind.WRONG) {
            frame[frame.length - 1] ^= 1;
        }
        memory.write(address, frame, count);
        if (fault == FaultKind.OVERRUN) {
            memory.writePast(address + room, OVERRUN_BYTES);
        }
        memory.store(descriptor, NicRegisters.STATE, count | (length > room ? NicRegisters.TRUNCATED : 0)
                | (fault == FaultKind.ERROR ? NicRegisters.BAD_FRAME : 0));
        ring.advance();
        frames++;
        return fault == FaultKind.LOST ? 0 : NicRegisters.RECEIVED;
    }

    @Override
    public void save(StateWriter out) {
        ring.save(out);
        FaultKind.save(out, fault);
        out.put32(lost);
        out.put64(frames);
        out.put32(waiting.size());
        waiting.forEach(out::putBytes);
    }

    @Override
    public void restore(StateReader in) {
        ring.restore(in);
        fault = FaultKind.restore(in);
        lost = in.get32();
        frames = in.get64(0, Long.MAX_VALUE);
        waiting.clear();
        int count = in.get32(0, MAX_WAITING);
        for (int i = 0; i < count; i++) {
            waiting.add(Wire.requireFrame(in.getBytes()));
        }
    }
}
