package ferrite.peripherals.sound;

import static ferrite.peripherals.sound.StreamLayout.BITS;
import static ferrite.peripherals.sound.StreamLayout.CARD;
import static ferrite.peripherals.sound.StreamLayout.CHANNELS;
import static ferrite.peripherals.sound.StreamLayout.DRAINING;
import static ferrite.peripherals.sound.StreamLayout.FRAGMENT;
import static ferrite.peripherals.sound.StreamLayout.FRAGMENTS;
import static ferrite.peripherals.sound.StreamLayout.HEAD;
import static ferrite.peripherals.sound.StreamLayout.LOST;
import static ferrite.peripherals.sound.StreamLayout.PROGRAMMED;
import static ferrite.peripherals.sound.StreamLayout.RATE;
import static ferrite.peripherals.sound.StreamLayout.RECORDS;
import static ferrite.peripherals.sound.StreamLayout.REST;
import static ferrite.peripherals.sound.StreamLayout.RING;
import static ferrite.peripherals.sound.StreamLayout.STATE;
import static ferrite.peripherals.sound.StreamLayout.TAIL;
import static ferrite.peripherals.sound.StreamLayout.WATCHDOG;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.dma.DmaMode;
import ferrite.kernel.driver.KernelCalls;

/**
 * The card's side of a stream. While it plays, the card is told one block ahead to stop, so that it plays no byte
 * that was not written. The caller holds the card's lock.
 */
final class SoundStreamDriver {

    /** A register of a card that was pulled out: bits that a present card has as 0 are set too. */
    static final int ALL_ONES = 0xff;

    private static final int MAX_POLLS = 1000;
    private static final int PATIENCE_MS = 2000;

    private final KernelCalls kernel;
    private final KernelMemory memory;

    SoundStreamDriver(KernelCalls kernel) {
        this.kernel = kernel;
        this.memory = kernel.memory();
    }

    // ---- the card's processor ----

    int read(long card, int register) {
        return kernel.readb(SoundLayout.REGISTERS.get(memory, card) + register) & 0xff;
    }

    void write(long card, int register, int value) {
        kernel.writeb(value, SoundLayout.REGISTERS.get(memory, card) + register);
    }

    /** Gives the DSP a command, or an argument. A DSP that stays busy is gone. */
    void command(long card, int value) {
        for (int i = 0; i < MAX_POLLS && !isGone(card); i++) {
            if ((read(card, SoundRegisters.WRITE_DATA) & SoundRegisters.BUSY) == 0) {
                write(card, SoundRegisters.WRITE_DATA, value);
                return;
            }
            kernel.cpuRelax();
        }
        lose(card);
    }

    boolean isGone(long card) {
        return SoundLayout.GONE.get(memory, card) != 0;
    }

    /** Notes that the card was pulled out: its streams stop, their channels are masked, and all waits end. */
    void lose(long card) {
        if (isGone(card)) {
            return;
        }
        SoundLayout.GONE.set(memory, card, 1);
        kernel.prErr("sound: the card is gone");
        for (long stream : new long[] {SoundLayout.PLAYS.at(card), SoundLayout.RECORDS.at(card)}) {
            STATE.set(memory, stream, StreamLayout.STOPPED);
            kernel.delTimer(WATCHDOG.at(stream));
            if (PROGRAMMED.get(memory, stream) != 0) {
                mask(stream);
            }
            kernel.wakeUpInterruptible(StreamLayout.WAIT.at(stream));
        }
    }

    private void mask(long stream) {
        int irqs = kernel.claimDmaLock();
        kernel.disableDma(channel(stream));
        kernel.releaseDmaLock(irqs);
    }

    // ---- sizes ----

    int ringBytes(long stream) {
        return FRAGMENT.get(memory, stream) * FRAGMENTS.get(memory, stream);
    }

    /** Returns the bytes in the ring. */
    int filled(long stream) {
        return HEAD.get(memory, stream) - TAIL.get(memory, stream);
    }

    private boolean isWide(long stream) {
        return BITS.get(memory, stream) == 16;
    }

    /** Returns the stream's DMA channel. */
    int channel(long stream) {
        long card = CARD.get(memory, stream);
        return isWide(stream) ? SoundLayout.CHANNEL_16.get(memory, card) : SoundLayout.CHANNEL_8.get(memory, card);
    }

    // ---- starting and stopping ----

    /** Starts a stopped stream if a whole fragment is there to be played, or one is to be recorded. */
    void start(long stream) {
        int fragment = FRAGMENT.get(memory, stream);
        boolean records = RECORDS.get(memory, stream) != 0;
        if (isGone(CARD.get(memory, stream)) || STATE.get(memory, stream) != StreamLayout.STOPPED
                || !records && filled(stream) < fragment) {
            return;
        }
        if (PROGRAMMED.get(memory, stream) == 0) {
            program(stream, 0, ringBytes(stream), DmaMode.DMA_AUTOINIT);
            PROGRAMMED.set(memory, stream, 1);
        }
        STATE.set(memory, stream, StreamLayout.RUNNING);
        watch(stream);
        begin(stream, fragment, SoundRegisters.AUTO_INIT);
        endInTime(stream);
    }

    private void program(long stream, int offset, int bytes, int flags) {
        int channel = channel(stream);
        int mode = RECORDS.get(memory, stream) != 0 ? DmaMode.DMA_MODE_READ : DmaMode.DMA_MODE_WRITE;
        int irqs = kernel.claimDmaLock();
        kernel.disableDma(channel);
        kernel.clearDmaFf(channel);
        kernel.setDmaMode(channel, mode | flags);
        kernel.setDmaAddr(channel, kernel.virtToPhys(RING.get(memory, stream)) + offset);
        kernel.setDmaCount(channel, bytes);
        kernel.enableDma(channel);
        kernel.releaseDmaLock(irqs);
    }

    private void begin(long stream, int blockBytes, int autoInit) {
        long card = CARD.get(memory, stream);
        boolean records = RECORDS.get(memory, stream) != 0;
        int rate = RATE.get(memory, stream);
        command(card, records ? SoundRegisters.SET_INPUT_RATE : SoundRegisters.SET_OUTPUT_RATE);
        command(card, rate >> 8);
        command(card, rate & 0xff);
        int samples = isWide(stream) ? blockBytes / 2 : blockBytes;
        command(card, (isWide(stream) ? SoundRegisters.START_16 : SoundRegisters.START_8)
                | (records ? SoundRegisters.RECORD : 0) | autoInit | SoundRegisters.FIFO);
        command(card, (isWide(stream) ? SoundRegisters.MODE_SIGNED : 0)
                | (CHANNELS.get(memory, stream) == 2 ? SoundRegisters.MODE_STEREO : 0));
        command(card, samples - 1 & 0xff);
        command(card, samples - 1 >> 8);
    }

    /** Tells a playing card to stop after the current block if the next one is not there. */
    private void endInTime(long stream) {
        long card = CARD.get(memory, stream);
        if (RECORDS.get(memory, stream) == 0 && filled(stream) < 2 * FRAGMENT.get(memory, stream)) {
            command(card, isWide(stream) ? SoundRegisters.EXIT_16 : SoundRegisters.EXIT_8);
            STATE.set(memory, stream, isGone(card) ? StreamLayout.STOPPED : StreamLayout.ENDING);
        }
    }

    /** Plays all that a stopped stream has, less than a fragment too. */
    void playAll(long stream) {
        start(stream);
        if (STATE.get(memory, stream) != StreamLayout.STOPPED || isGone(CARD.get(memory, stream))) {
            return;
        }
        int frame = CHANNELS.get(memory, stream) * BITS.get(memory, stream) / 8;
        int rest = filled(stream) - filled(stream) % frame;
        if (rest == 0) {
            rewind(stream);                            // part of a frame is no sound
            return;
        }
        program(stream, TAIL.get(memory, stream) & ringBytes(stream) - 1, rest, 0);
        STATE.set(memory, stream, StreamLayout.PLAYING_REST);
        REST.set(memory, stream, rest);
        watch(stream);
        begin(stream, rest, 0);
    }

    /** Empties the ring, and lets the channel begin anew. */
    private void rewind(long stream) {
        HEAD.set(memory, stream, 0);
        TAIL.set(memory, stream, 0);
        PROGRAMMED.set(memory, stream, 0);
    }

    /** Stops the stream at once, and empties the ring. */
    void halt(long stream) {
        long card = CARD.get(memory, stream);
        if (STATE.get(memory, stream) != StreamLayout.STOPPED && !isGone(card)) {
            command(card, isWide(stream) ? SoundRegisters.PAUSE_16 : SoundRegisters.PAUSE_8);
            read(card, isWide(stream) ? SoundRegisters.ACKNOWLEDGE_16 : SoundRegisters.READ_STATUS);
        }
        STATE.set(memory, stream, StreamLayout.STOPPED);
        kernel.delTimer(WATCHDOG.at(stream));
        rewind(stream);
        mask(stream);
    }

    // ---- interrupts ----

    /** Sets the watchdog to a moment at which the present block should be over. A device may be a second late. */
    private void watch(long stream) {
        int bytesPerSecond = RATE.get(memory, stream) * CHANNELS.get(memory, stream) * BITS.get(memory, stream) / 8;
        long blockMs = FRAGMENT.get(memory, stream) * 1000L / bytesPerSecond;
        kernel.modTimer(WATCHDOG.at(stream), kernel.jiffies() + kernel.msecsToJiffies((int) blockMs + PATIENCE_MS));
    }

    /**
     * Notes the ends of blocks since the last call: the DMA channel's count tells of blocks whose interrupt was lost.
     *
     * @return whether an interrupt was lost
     */
    boolean blocksEnded(long stream) {
        int blocks = STATE.get(memory, stream) == StreamLayout.STOPPED ? 0 : passed(stream);
        for (int i = 0; i < blocks; i++) {
            blockEnded(stream);
        }
        if (STATE.get(memory, stream) == StreamLayout.STOPPED) {
            kernel.delTimer(WATCHDOG.at(stream));
        } else {
            watch(stream);
        }
        return blocks > 1;
    }

    /**
     * Returns the blocks that the channel has left since the last one that was noted. The card fetches bytes before it
     * plays them, so a block that is played is over when the channel is at its end, or in the next one. An interrupt
     * whose block was counted with the one before finds none.
     */
    private int passed(long stream) {
        int ring = ringBytes(stream);
        int fragment = FRAGMENT.get(memory, stream);
        if (STATE.get(memory, stream) == StreamLayout.PLAYING_REST) {
            return 1;
        }
        int irqs = kernel.claimDmaLock();
        kernel.clearDmaFf(channel(stream));
        int position = (ring - kernel.getDmaResidue(channel(stream))) % ring;
        kernel.releaseDmaLock(irqs);
        boolean records = RECORDS.get(memory, stream) != 0;
        int in = records ? position : (position + ring - 1) % ring;
        int noted = (records ? HEAD : TAIL).get(memory, stream);
        int left = (in / fragment * fragment - noted & ring - 1) / fragment;
        return left == 0 && !records && position == (noted + fragment) % ring ? 1 : left;
    }

    /** Notes the end of a block. */
    private void blockEnded(long stream) {
        int state = STATE.get(memory, stream);
        int fragment = FRAGMENT.get(memory, stream);
        if (state == StreamLayout.STOPPED) {
            return;
        }
        if (RECORDS.get(memory, stream) != 0) {
            recorded(stream, fragment);
        } else if (state == StreamLayout.PLAYING_REST) {
            STATE.set(memory, stream, StreamLayout.STOPPED);
            rewind(stream);
        } else {
            TAIL.add(memory, stream, fragment);
            if (filled(stream) < 0) {
                halt(stream);                          // it has played old sound: the card was told too late to stop
                LOST.add(memory, stream, 1);
                return;
            }
            if (state == StreamLayout.RUNNING) {
                endInTime(stream);
            } else {
                STATE.set(memory, stream, StreamLayout.STOPPED);
                goOn(stream);
            }
        }
    }

    /** Goes on if more has been written since the card was told to stop. */
    private void goOn(long stream) {
        if (DRAINING.get(memory, stream) != 0) {
            playAll(stream);
        } else {
            start(stream);
            if (STATE.get(memory, stream) == StreamLayout.STOPPED) {
                LOST.add(memory, stream, 1);
            }
        }
    }

    /** Adds a recorded fragment. If the card fills the last free one now, the oldest one is lost. */
    private void recorded(long stream, int fragment) {
        HEAD.add(memory, stream, fragment);
        if (filled(stream) > ringBytes(stream) - fragment) {
            TAIL.set(memory, stream, HEAD.get(memory, stream) - ringBytes(stream) + fragment);
            LOST.add(memory, stream, 1);
        }
    }
}
