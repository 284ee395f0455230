package ferrite.peripherals.sound;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;
import java.util.Arrays;
import java.util.List;

/**
 * A sound card with the registers of a Sound Blaster 16 ({@link SoundRegisters}). Its signal processor moves samples of
 * 8 bits over DMA channel 1 and of 16 bits over channel 5, both at once if software likes, for example one plays while
 * the other records. The mixer keeps its registers, and changes no sample.
 */
public final class SoundCard implements BusDevice, Saveable {

    /** Device tree: the compatible string. */
    public static final String COMPATIBLE = "ferrite,sb16";
    public static final long BYTES = SoundRegisters.BYTES;
    public static final int CHANNEL_8 = SoundRegisters.CHANNEL_8;
    public static final int CHANNEL_16 = SoundRegisters.CHANNEL_16;

    private static final int RESET_TICKS = SoundRegisters.RESET_MICROSECONDS * Clock.TICKS_PER_MICROSECOND;
    private static final int BUSY_TICKS = SoundRegisters.BUSY_MICROSECONDS * Clock.TICKS_PER_MICROSECOND;
    private static final int SLOW_TICKS = 1_000_000 * Clock.TICKS_PER_MICROSECOND;
    private static final int MIXER_REGISTERS = 256;
    /** Bytes from the DSP that are kept; the oldest are lost. */
    private static final int MAX_ANSWER = 16;
    private static final int NO_COMMAND = -1;
    /** A register of a card that was pulled out. */
    private static final int ALL_ONES = 0xff;

    private final Clock clock;
    private final IrqLine irq;
    private final SoundFiles files;
    private final ClockEvent resetEnds;
    private final Jack jack8;
    private final Jack jack16;
    private final DspStream eightBit;
    private final DspStream sixteenBit;

    private boolean inReset;
    private int raised;
    private byte[] answer = new byte[0];
    private long busyUntil;
    private int command = NO_COMMAND;
    private byte[] arguments = new byte[0];
    private int outputRate;
    private int inputRate;
    private int oldBlockSamples;
    private int mixerAddress;
    private final byte[] mixer = new byte[MIXER_REGISTERS];
    /** The next frame of the file that is recorded, and the part of it that is over, times the sampling rate. */
    private long inputFrame;
    private long inputPhase;
    private boolean removed;

    public SoundCard(String name, Clock clock, IrqLine irq, SoundFiles files) {
        this(name, clock, irq, files, List.of(DeviceFaults.none(), DeviceFaults.none()));
    }

    /** @param faults of the blocks of 8 bits, and of those of 16 */
    public SoundCard(String name, Clock clock, IrqLine irq, SoundFiles files, List<DeviceFaults> faults) {
        this.clock = clock;
        this.irq = irq;
        this.files = files;
        this.resetEnds = clock.newEvent(name + " reset", () -> answer(SoundRegisters.READY));
        this.jack8 = new Jack(SoundRegisters.IRQ_8, faults.get(0));
        this.jack16 = new Jack(SoundRegisters.IRQ_16, faults.get(1));
        this.eightBit = new DspStream(name + " 8-bit", 1, clock, jack8);
        this.sixteenBit = new DspStream(name + " 16-bit", 2, clock, jack16);
        reset();
    }

    /** Connects both request lines. */
    public void connect(DmaController dma) {
        eightBit.connect(dma.connect(CHANNEL_8, eightBit));
        sixteenBit.connect(dma.connect(CHANNEL_16, sixteenBit));
    }

    /** Returns the pieces of sound that came too late or were not fetched in time, since the DSP was reset. */
    public int lost() {
        return eightBit.lost() + sixteenBit.lost();
    }

    /** The card's outside, for one of the streams. */
    private final class Jack implements DspStream.End {

        private final int interrupt;
        private final DeviceFaults faults;

        private Jack(int interrupt, DeviceFaults faults) {
            this.interrupt = interrupt;
            this.faults = faults;
        }

        /** A block begins: decides about its fault. */
        private void begin() {
            faults.next();
            if (faults.is(FaultKind.SPURIOUS)) {
                irq.set(true);
                irq.set(raised != 0);
            }
        }

        /** Pulls the card out while a block with this fault goes on: the request lines and the interrupt fall. */
        private boolean isPulledOut() {
            if (faults.is(FaultKind.REMOVED)) {
                reset();
                removed = true;
            }
            return removed;
        }

        private void spoil(byte[] samples, int length) {
            if (length > 0 && faults.is(FaultKind.WRONG)) {
                samples[0] ^= 1;
            }
        }

        @Override
        public long delayTicks() {
            return faults.is(FaultKind.SLOW) ? SLOW_TICKS : 0;
        }

        @Override
        public void play(PcmFormat format, byte[] samples, int length) {
            if (isPulledOut()) {
                return;
            }
            spoil(samples, length);
            if (files.out() != null) {
                files.out().play(format, samples, length);
            }
        }

        @Override
        public void record(PcmFormat format, byte[] samples, int length) {
            if (isPulledOut()) {
                return;
            }
            for (int at = 0; at + format.frameBytes() <= length; at += format.frameBytes()) {
                int left = files.in() == null ? 0 : files.in().sample(inputFrame, 0);
                int right = files.in() == null ? 0 : files.in().sample(inputFrame, 1);
                format.store(samples, at, left, right);
                lose(format, 1);
            }
            spoil(samples, length);
        }

        @Override
        public void lose(PcmFormat format, int frames) {
            inputPhase += (long) frames * (files.in() == null ? format.rate() : files.in().rate());
            inputFrame += inputPhase / format.rate();
            inputPhase %= format.rate();
        }

        @Override
        public void blockEnded() {
            if (!faults.is(FaultKind.LOST)) {
                raise(interrupt);
            }
            begin();
        }
    }

    private void raise(int interrupt) {
        raised |= interrupt;
        irq.set(true);
    }

    private void withdraw(int interrupt) {
        raised &= ~interrupt;
        irq.set(raised != 0);
    }

    private void reset() {
        eightBit.stop();
        sixteenBit.stop();
        withdraw(SoundRegisters.IRQ_8 | SoundRegisters.IRQ_16);
        resetEnds.cancel();
        answer = new byte[0];
        command = NO_COMMAND;
        arguments = new byte[0];
        outputRate = SoundRegisters.MIN_RATE;
        inputRate = SoundRegisters.MIN_RATE;
        oldBlockSamples = 1;
    }

    // ---- registers ----

    @Override
    public int load(long offset, int width) {
        int value = peek(offset, width);
        if (removed) {
            return value;
        }
        switch ((int) offset) {
            case SoundRegisters.READ_DATA -> {
                if (answer.length > 0) {
                    answer = Arrays.copyOfRange(answer, 1, answer.length);
                }
            }
            case SoundRegisters.READ_STATUS -> withdraw(SoundRegisters.IRQ_8);
            case SoundRegisters.ACKNOWLEDGE_16 -> withdraw(SoundRegisters.IRQ_16);
            default -> { }
        }
        return value;
    }

    @Override
    public int peek(long offset, int width) {
        requireByte(offset, width);
        if (removed) {
            return ALL_ONES;
        }
        return switch ((int) offset) {
            case SoundRegisters.MIXER_ADDRESS -> mixerAddress;
            case SoundRegisters.MIXER_DATA -> mixerRegister();
            case SoundRegisters.READ_DATA -> answer.length == 0 ? 0xff : answer[0] & 0xff;
            case SoundRegisters.WRITE_DATA -> clock.now() < busyUntil ? SoundRegisters.BUSY : 0;
            case SoundRegisters.READ_STATUS -> answer.length > 0 ? SoundRegisters.AVAILABLE : 0;
            case SoundRegisters.ACKNOWLEDGE_16 -> 0;
            default -> throw new BusFault(offset, width, "the sound card has no register to read here");
        };
    }

    private int mixerRegister() {
        return switch (mixerAddress) {
            case SoundRegisters.MIXER_DMA -> 1 << SoundRegisters.CHANNEL_8 | 1 << SoundRegisters.CHANNEL_16;
            case SoundRegisters.MIXER_IRQ -> raised;
            default -> mixer[mixerAddress] & 0xff;
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        requireByte(offset, width);
        if (removed) {
            return;
        }
        switch ((int) offset) {
            case SoundRegisters.MIXER_ADDRESS -> mixerAddress = value & 0xff;
            case SoundRegisters.MIXER_DATA -> setMixer((byte) value);
            case SoundRegisters.RESET -> setReset((value & 1) != 0);
            case SoundRegisters.WRITE_DATA -> written(value & 0xff);
            default -> throw new BusFault(offset, width, "the sound card has no register to write here");
        }
    }

    private static void requireByte(long offset, int width) {
        if (width != 1) {
            throw new BusFault(offset, width, "the sound card has only registers of one byte");
        }
    }

    private void setMixer(byte value) {
        if (mixerAddress == SoundRegisters.MIXER_RESET) {
            Arrays.fill(mixer, (byte) 0);
        } else {
            mixer[mixerAddress] = value;
        }
    }

    private void setReset(boolean on) {
        if (on) {
            reset();
        } else if (inReset) {
            resetEnds.scheduleIn(RESET_TICKS);
        }
        inReset = on;
    }

    private void answer(int value) {
        byte[] longer = Arrays.copyOf(answer, answer.length + 1);
        longer[answer.length] = (byte) value;
        answer = longer.length > MAX_ANSWER ? Arrays.copyOfRange(longer, 1, longer.length) : longer;
    }

    // ---- commands of the DSP ----

    private void written(int value) {
        if (inReset || resetEnds.isScheduled() || clock.now() < busyUntil) {
            return;                                    // lost, as on the card
        }
        busyUntil = clock.now() + BUSY_TICKS;
        if (command == NO_COMMAND) {
            command = value;
            arguments = new byte[0];
        } else {
            arguments = Arrays.copyOf(arguments, arguments.length + 1);
            arguments[arguments.length - 1] = (byte) value;
        }
        if (arguments.length == SoundRegisters.arguments(command)) {
            int complete = command;
            command = NO_COMMAND;
            obey(complete);
        }
    }

    private int argument(int index) {
        return arguments[index] & 0xff;
    }

    private void obey(int complete) {
        int start = complete & SoundRegisters.START_MASK;
        if (start == SoundRegisters.START_8 || start == SoundRegisters.START_16) {
            start(complete, start == SoundRegisters.START_8 ? eightBit : sixteenBit);
            return;
        }
        switch (complete) {
            case SoundRegisters.SET_OUTPUT_RATE -> outputRate = rate();
            case SoundRegisters.SET_INPUT_RATE -> inputRate = rate();
            case SoundRegisters.SET_BLOCK -> oldBlockSamples = (argument(0) | argument(1) << 8) + 1;
            case SoundRegisters.START_OLD_PLAY -> startOld(false);
            case SoundRegisters.START_OLD_RECORD -> startOld(true);
            case SoundRegisters.PAUSE_8 -> eightBit.pause();
            case SoundRegisters.CONTINUE_8 -> eightBit.goOn();
            case SoundRegisters.PAUSE_16 -> sixteenBit.pause();
            case SoundRegisters.CONTINUE_16 -> sixteenBit.goOn();
            case SoundRegisters.EXIT_8 -> eightBit.exitAutoInit();
            case SoundRegisters.EXIT_16 -> sixteenBit.exitAutoInit();
            case SoundRegisters.IDENTIFY -> answer(~argument(0));
            case SoundRegisters.GET_VERSION -> {
                answer(SoundRegisters.VERSION_MAJOR);
                answer(SoundRegisters.VERSION_MINOR);
            }
            case SoundRegisters.TRIGGER_8 -> raise(SoundRegisters.IRQ_8);
            case SoundRegisters.TRIGGER_16 -> raise(SoundRegisters.IRQ_16);
            default -> { }                             // the speaker is always on; other commands do nothing
        }
    }

    private int rate() {
        int hertz = argument(0) << 8 | argument(1);
        return Math.max(SoundRegisters.MIN_RATE, Math.min(SoundRegisters.MAX_RATE, hertz));
    }

    private void start(int complete, DspStream stream) {
        boolean records = (complete & SoundRegisters.RECORD) != 0;
        int mode = argument(0);
        (stream == eightBit ? jack8 : jack16).begin();
        PcmFormat format = new PcmFormat(records ? inputRate : outputRate, stream == eightBit ? 8 : 16,
                (mode & SoundRegisters.MODE_STEREO) != 0 ? 2 : 1, (mode & SoundRegisters.MODE_SIGNED) != 0);
        stream.start(format, records, (complete & SoundRegisters.AUTO_INIT) != 0, (argument(1) | argument(2) << 8) + 1);
    }

    private void startOld(boolean records) {
        jack8.begin();
        eightBit.start(new PcmFormat(records ? inputRate : outputRate, 8, 1, false), records, true, oldBlockSamples);
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.putBoolean(inReset);
        out.putInts(new int[] {raised, command, outputRate, inputRate, oldBlockSamples, mixerAddress});
        out.put64(busyUntil);
        out.put64(inputFrame);
        out.put64(inputPhase);
        out.putBytes(answer);
        out.putBytes(arguments);
        out.putBytes(mixer);
        eightBit.save(out);
        sixteenBit.save(out);
        jack8.faults.save(out);
        jack16.faults.save(out);
        if (jack8.faults.areAny()) {
            out.putBoolean(removed);
        }
        out.putBoolean(files.out() != null);
        if (files.out() != null) {
            files.out().save(out);
        }
    }

    @Override
    public void restore(StateReader in) {
        inReset = in.getBoolean();
        int[] words = new int[6];
        in.getInts(words);
        raised = StateReader.bitsOf(words[0], SoundRegisters.IRQ_8 | SoundRegisters.IRQ_16);
        command = words[1];
        outputRate = words[2];
        inputRate = words[3];
        oldBlockSamples = words[4];
        mixerAddress = StateReader.bitsOf(words[5], 0xff);
        busyUntil = in.get64();
        inputFrame = in.get64();
        inputPhase = in.get64();
        answer = in.getBytes();
        arguments = in.getBytes();
        byte[] registers = in.getBytes();
        requireSense(registers.length);
        System.arraycopy(registers, 0, mixer, 0, mixer.length);
        eightBit.restore(in);
        sixteenBit.restore(in);
        jack8.faults.restore(in);
        jack16.faults.restore(in);
        removed = jack8.faults.areAny() && in.getBoolean();
        StateReader.requireThat(!removed || !eightBit.isRunning() && !sixteenBit.isRunning(),
                "a sound card that was pulled out plays or records");
        boolean plays = in.getBoolean();
        StateReader.requireThat(plays == (files.out() != null),
                "the sound card plays to " + (plays ? "a file" : "none"));
        if (plays) {
            files.out().restore(in);
        }
    }

    /** Refuses saved state that the card cannot reach. */
    private void requireSense(int registers) {
        StateReader.requireThat(command >= NO_COMMAND && command <= 0xff && arguments.length <= 3
                && (command == NO_COMMAND || arguments.length < SoundRegisters.arguments(command)),
                "a command " + command + " of the sound card has " + arguments.length + " bytes of arguments");
        StateReader.requireThat(isRate(outputRate) && isRate(inputRate) && oldBlockSamples >= 1
                && oldBlockSamples <= 1 << 16, "the sound card's rates are " + outputRate + " and " + inputRate);
        StateReader.requireThat(answer.length <= MAX_ANSWER && registers == MIXER_REGISTERS
                && inputFrame >= 0 && inputPhase >= 0 && inputPhase < SoundRegisters.MAX_RATE,
                answer.length + " bytes are answered");
    }

    private static boolean isRate(int rate) {
        return rate >= SoundRegisters.MIN_RATE && rate <= SoundRegisters.MAX_RATE;
    }
}
