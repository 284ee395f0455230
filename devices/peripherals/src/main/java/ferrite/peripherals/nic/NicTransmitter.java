package ferrite.peripherals.nic;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;
import ferrite.peripherals.net.Wire;
import java.util.Arrays;

/** The engine that takes frames from memory and sends them, one after the other. */
final class NicTransmitter implements Saveable {

    private static final int FETCH_TICKS = Clock.TICKS_PER_MICROSECOND;

    private final NicMemory memory;
    private final Wire wire;
    private final NicRing ring = new NicRing();
    /** The fault of the frame that is being sent; null for none. */
    private FaultKind fault;
    private long address;
    /** The length of the frame that is being sent, or was sent last. */
    private int length;
    private long frames;

    NicTransmitter(NicMemory memory, Wire wire) {
        this.memory = memory;
        this.wire = wire;
    }

    NicRing ring() {
        return ring;
    }

    /** Returns the number of frames that were sent since power-on. */
    long frames() {
        return frames;
    }

    void reset() {
        ring.reset();
        fault = null;
        address = 0;
        length = 0;
    }

    /**
     * Takes the next descriptor. Its fields are read after its bit, as they stand then.
     *
     * @return the ticks until the frame is sent; 0 if the descriptor is not the card's
     */
    long fetch(DeviceFaults faults) throws Nic.EngineError {
        long descriptor = ring.next();
        if ((memory.load(descriptor, NicRegisters.STATE) & NicRegisters.OWN) == 0) {
            return 0;
        }
        address = memory.load(descriptor, NicRegisters.ADDRESS) & 0xffff_ffffL;
        length = memory.load(descriptor, NicRegisters.LENGTH);
        if (length < NicRegisters.MIN_FRAME || length > NicRegisters.MAX_FRAME) {
            throw new Nic.EngineError(NicRegisters.BAD_LENGTH, descriptor);
        }
        fault = faults.ofNext();
        return FETCH_TICKS + Wire.ticks(length) + (fault == FaultKind.SLOW ? Clock.TICKS_PER_SECOND : 0);
    }

    boolean isPulledOut() {
        return fault == FaultKind.REMOVED;
    }

    boolean interruptsForNothing() {
        return fault == FaultKind.SPURIOUS;
    }

    /** Tells whether the frame of the last descriptor has a right length. */
    boolean hasFrame() {
        return length >= NicRegisters.MIN_FRAME && length <= NicRegisters.MAX_FRAME;
    }

    /** Sends the frame, and gives its descriptor back. Returns the causes of an interrupt. */
    long send() {
        byte[] frame = new byte[length];
        memory.read(address, frame);
        boolean isSent = fault != FaultKind.ERROR && wire.isPlugged();
        int count = !isSent ? 0 : fault == FaultKind.SHORT ? Math.max(NicRegisters.MIN_FRAME, length / 2) : length;
        if (fault == FaultKind.WRONG) {
            frame[length - 1] ^= 1;
        }
        memory.store(ring.next(), NicRegisters.STATE, count | (isSent ? 0 : NicRegisters.BAD_FRAME));
        ring.advance();
        if (isSent) {
            frames++;
            wire.send(Arrays.copyOf(frame, count));
        }
        return fault == FaultKind.LOST ? 0 : NicRegisters.SENT;
    }

    @Override
    public void save(StateWriter out) {
        ring.save(out);
        FaultKind.save(out, fault);
        out.putInts(new int[] {(int) address, length});
        out.put64(frames);
    }

    @Override
    public void restore(StateReader in) {
        ring.restore(in);
        fault = FaultKind.restore(in);
        int[] words = new int[2];
        in.getInts(words);
        address = words[0] & 0xffff_ffffL;
        length = words[1];
        frames = in.get64(0, Long.MAX_VALUE);
    }
}
