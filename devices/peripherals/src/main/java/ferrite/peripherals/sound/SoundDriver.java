package ferrite.peripherals.sound;

import static ferrite.peripherals.sound.SoundLayout.CHANNEL_16;
import static ferrite.peripherals.sound.SoundLayout.CHANNEL_8;
import static ferrite.peripherals.sound.SoundLayout.LOCK;
import static ferrite.peripherals.sound.SoundLayout.PLAYS;
import static ferrite.peripherals.sound.SoundLayout.RECORDS;
import static ferrite.peripherals.sound.SoundLayout.REGISTERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.DevmAction;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.sched.TimerFunction;
import java.util.List;

/**
 * {@code sound}: /dev/dsp for a Sound Blaster 16 ({@link SoundFileDriver}). One file plays while another one records:
 * the one with samples of 8 bits, the other one of 16, as the card can. Samples go round a ring of fragments by a DMA
 * channel that begins again at its end (LDD3 page 455).
 */
public final class SoundDriver implements Driver {

    private static final int MAX_RESET_POLLS = 20;
    private static final int POLL_MICROSECONDS = 10;

    private KernelCalls kernel;
    private KernelMemory memory;
    private SoundStreamDriver streams;
    private long interrupt;
    private long operations;
    private long freeChannel;
    private long watchdog;

    @Override
    public String name() {
        return "sound";
    }

    @Override
    public boolean suppressBindAttrs() {
        return true;
    }

    @Override
    public List<String> compatible() {
        return List.of(SoundCard.COMPATIBLE);
    }

    @Override
    public List<Struct> structs() {
        return List.of(SoundLayout.STRUCT, StreamLayout.STRUCT, OssLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        streams = new SoundStreamDriver(theKernel);
        interrupt = text.add("sound_interrupt", (IrqHandler) this::handleInterrupt);
        operations = text.add("sound_operations", new SoundFileDriver(theKernel, streams));
        watchdog = text.add("sound_watchdog", (TimerFunction) this::watch);
        freeChannel = text.add("sound_free_channel", (DevmAction) channel -> theKernel.freeDma((int) channel));
    }

    // ---- the device ----

    @Override
    public int probe(Device device) {
        long dev = device.dev();
        long card = kernel.devmKzalloc(dev, SoundLayout.SIZE, Gfp.GFP_KERNEL);
        long registers = card == 0 ? 0 : kernel.devmPlatformIoremapResource(dev, 0);
        if (registers == 0) {
            return card == 0 ? -Errno.ENOMEM : -Errno.EBUSY;
        }
        REGISTERS.set(memory, card, registers);
        CHANNEL_8.set(memory, card, device.dmaChannel(0));
        CHANNEL_16.set(memory, card, device.dmaChannel(1));
        kernel.spinLockInit(LOCK.at(card));
        initStream(card, PLAYS.at(card), 0);
        initStream(card, RECORDS.at(card), 1);
        int result = reset(card);
        result = result < 0 ? result : takeChannel(dev, CHANNEL_8.get(memory, card));
        result = result < 0 ? result : takeChannel(dev, CHANNEL_16.get(memory, card));
        result = result < 0 ? result : kernel.devmRequestIrq(dev, device.irq(), interrupt, 0, name(), card);
        result = result < 0 ? result : kernel.cdevAdd("dsp", operations, card);
        if (result == 0) {
            device.setDriverData(card);
        }
        return result;
    }

    private void initStream(long card, long stream, int records) {
        StreamLayout.CARD.set(memory, stream, card);
        StreamLayout.RECORDS.set(memory, stream, records);
        kernel.mutexInit(StreamLayout.ONE_USER.at(stream));
        kernel.initWaitqueueHead(StreamLayout.WAIT.at(stream));
        kernel.setupTimer(StreamLayout.WATCHDOG.at(stream), watchdog, stream);
    }

    private int takeChannel(long dev, int channel) {
        int result = kernel.requestDma(channel, name());
        return result < 0 ? result : kernel.devmAddActionOrReset(dev, freeChannel, channel);
    }

    /** Resets the DSP, and asks for its version. Returns 0, or -ENODEV if it does not answer as it should. */
    private int reset(long card) {
        streams.write(card, SoundRegisters.RESET, 1);
        kernel.udelay(POLL_MICROSECONDS);
        streams.write(card, SoundRegisters.RESET, 0);
        if (answer(card) != SoundRegisters.READY) {
            return -Errno.ENODEV;
        }
        streams.command(card, SoundRegisters.GET_VERSION);
        int major = answer(card);
        int minor = answer(card);
        if (major != SoundRegisters.VERSION_MAJOR) {
            return -Errno.ENODEV;
        }
        streams.command(card, SoundRegisters.SPEAKER_ON);
        kernel.prInfo("sound: DSP " + major + "." + minor + ", DMA channels " + CHANNEL_8.get(memory, card) + " and "
                + CHANNEL_16.get(memory, card));
        return 0;
    }

    /** Returns the next byte from the DSP; -1 if none comes. */
    private int answer(long card) {
        for (int i = 0; i < MAX_RESET_POLLS; i++) {
            if ((streams.read(card, SoundRegisters.READ_STATUS) & SoundRegisters.AVAILABLE) != 0) {
                return streams.read(card, SoundRegisters.READ_DATA);
            }
            kernel.udelay(POLL_MICROSECONDS);
        }
        return -1;
    }

    @Override
    public void remove(Device device) {
        kernel.cdevDel("dsp");
    }

    // ---- interrupts ----

    private IrqReturn handleInterrupt(int irq, long card) {
        kernel.spinLock(LOCK.at(card));
        streams.write(card, SoundRegisters.MIXER_ADDRESS, SoundRegisters.MIXER_IRQ);
        int raised = streams.read(card, SoundRegisters.MIXER_DATA);
        if (raised == SoundStreamDriver.ALL_ONES) {
            streams.lose(card);
            raised = 0;
        }
        if ((raised & SoundRegisters.IRQ_8) != 0) {
            streams.read(card, SoundRegisters.READ_STATUS);
            blockEnded(card, 8);
        }
        if ((raised & SoundRegisters.IRQ_16) != 0) {
            streams.read(card, SoundRegisters.ACKNOWLEDGE_16);
            blockEnded(card, 16);
        }
        kernel.spinUnlock(LOCK.at(card));
        return raised == 0 ? IrqReturn.IRQ_NONE : IrqReturn.IRQ_HANDLED;
    }

    private void blockEnded(long card, int bits) {
        for (long stream : new long[] {PLAYS.at(card), RECORDS.at(card)}) {
            if (StreamLayout.OPEN.get(memory, stream) != 0 && StreamLayout.BITS.get(memory, stream) == bits) {
                tell(streams.blocksEnded(stream));
                kernel.wakeUpInterruptible(StreamLayout.WAIT.at(stream));
            }
        }
    }

    private void tell(boolean lost) {
        if (lost) {
            kernel.prWarn("sound: an interrupt was lost");
        }
    }

    /** No block has ended for too long a time: looks whether one has, or the card is gone. A softirq calls it. */
    private void watch(long stream) {
        long card = StreamLayout.CARD.get(memory, stream);
        long lock = LOCK.at(card);
        int flags = kernel.spinLockIrqsave(lock);
        boolean runs = StreamLayout.STATE.get(memory, stream) != StreamLayout.STOPPED
                && !kernel.timerPending(StreamLayout.WATCHDOG.at(stream));
        if (runs && streams.read(card, SoundRegisters.WRITE_DATA) == SoundStreamDriver.ALL_ONES) {
            streams.lose(card);
        } else if (runs) {
            streams.blocksEnded(stream);
            tell(true);
        }
        kernel.spinUnlockIrqrestore(lock, flags);
        kernel.wakeUpInterruptible(StreamLayout.WAIT.at(stream));
    }
}
