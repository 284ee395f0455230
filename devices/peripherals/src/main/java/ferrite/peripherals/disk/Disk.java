package ferrite.peripherals.disk;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.dma.DmaRequester;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.IOException;
import java.util.List;

/**
 * A disk controller with its drives. A request seeks, stages up to 64 KiB at a time, and raises its DMA request line for each; it ends when
 * all sectors have gone over the line, or the controller at the other end has signalled terminal count.
 */
public final class Disk implements BusDevice, DmaRequester, Saveable {

    /** Device tree: what its driver looks for. */
    public static final String COMPATIBLE = "ferrite,disk";
    public static final long BYTES = DiskRegisters.BYTES;

    private static final int STAGE_BYTES = 64 << 10;
    private static final int SEEK_TICKS = 20 * Clock.TICKS_PER_MICROSECOND;
    private static final int NEXT_STAGE_TICKS = Clock.TICKS_PER_MICROSECOND;
    private static final int DMA_TIMEOUT_TICKS = 10_000 * Clock.TICKS_PER_MICROSECOND;

    private final String name;
    private final List<DiskImage> drives;
    private final IrqLine irq;
    private final ClockEvent stageReady;
    private final ClockEvent dmaTimeout;
    private IrqLine request = level -> { };

    private int select;
    private int lba;
    private int count;
    private int status;
    private int error;
    private int active;
    private long nextByte;
    private long endByte;
    private byte[] stage = new byte[0];
    private int supplied;

    public Disk(String name, List<DiskImage> drives, Clock clock, IrqLine irq) {
        this.name = name;
        this.drives = List.copyOf(drives);
        this.irq = irq;
        this.stageReady = clock.newEvent(name + " stage", this::fillStage);
        this.dmaTimeout = clock.newEvent(name + " dma timeout", () -> fail(DiskRegisters.DMA_TIMEOUT));
    }

    /** Wires its DMA request line. */
    public void connect(IrqLine dreq) {
        request = dreq;
    }

    @Override
    public String name() {
        return name + ((status & DiskRegisters.BUSY) != 0 ? active : select);
    }

    // ---- registers ----

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        requireWord(offset, width);
        return switch ((int) offset) {
            case DiskRegisters.DRIVES -> drives.size();
            case DiskRegisters.SELECT -> select;
            case DiskRegisters.CAPACITY -> select < drives.size() ? (int) Math.min(drives.get(select).sectors(), 0xffff_ffffL) : 0;
            case DiskRegisters.LBA -> lba;
            case DiskRegisters.COUNT -> count;
            case DiskRegisters.STATUS -> status;
            case DiskRegisters.ERROR -> error;
            default -> throw noRegister(offset, width, "to read");
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        requireWord(offset, width);
        switch ((int) offset) {
            case DiskRegisters.SELECT -> select = value & 0xff;
            case DiskRegisters.LBA -> lba = value;
            case DiskRegisters.COUNT -> count = value;
            case DiskRegisters.COMMAND -> command(value);
            case DiskRegisters.STATUS -> acknowledge(value);
            default -> throw noRegister(offset, width, "to write");
        }
    }

    private static void requireWord(long offset, int width) {
        if (width != 4) {
            throw noRegister(offset, width, "but registers one word wide");
        }
    }

    private static BusFault noRegister(long offset, int width, String why) {
        return new BusFault(offset, width, "the disk controller has nothing here " + why);
    }

    private void acknowledge(int value) {
        if ((value & DiskRegisters.DONE) != 0) {
            status &= ~(DiskRegisters.DONE | DiskRegisters.FAILED);
            irq.set(false);
        }
    }

    // ---- a request ----

    private void command(int command) {
        if ((status & DiskRegisters.BUSY) != 0) {
            return;                                    // as drives do: a command given while one runs is lost
        }
        error = DiskRegisters.NO_ERROR;
        status = DiskRegisters.BUSY;
        if (command != DiskRegisters.READ || select >= drives.size() || count == 0) {
            fail(DiskRegisters.BAD_REQUEST);
            return;
        }
        active = select;
        nextByte = (lba & 0xffff_ffffL) * DiskRegisters.SECTOR_BYTES;
        endByte = nextByte + (count & 0xffff_ffffL) * DiskRegisters.SECTOR_BYTES;
        if (endByte > drives.get(active).sectors() * DiskRegisters.SECTOR_BYTES) {
            fail(DiskRegisters.OUT_OF_BOUNDS);
            return;
        }
        stageReady.scheduleIn(SEEK_TICKS);
    }

    private void fillStage() {
        int length = (int) Math.min(STAGE_BYTES, endByte - nextByte);
        byte[] bytes = new byte[length];
        try {
            drives.get(active).read(nextByte, bytes, length);
        } catch (IOException e) {
            fail(DiskRegisters.MEDIUM);
            return;
        }
        stage = bytes;
        supplied = 0;
        nextByte += length;
        dmaTimeout.scheduleIn(DMA_TIMEOUT_TICKS);
        request.set(true);
    }

    @Override
    public int ready() {
        return stage.length - supplied;
    }

    @Override
    public void supply(byte[] into, int at, int length) {
        System.arraycopy(stage, supplied, into, at, length);
        supplied += length;
        if (supplied == stage.length) {
            stageIsEmpty();
        }
    }

    private void stageIsEmpty() {
        stopRequesting();
        if (nextByte < endByte) {
            stageReady.scheduleIn(NEXT_STAGE_TICKS);
        } else {
            finish(DiskRegisters.DONE);
        }
    }

    /** It only reads: what the bus offers for the medium is not wanted. */
    @Override
    public void accept(byte[] from, int at, int length) {
        supplied += length;
        if (supplied == stage.length) {
            stageIsEmpty();
        }
    }

    /** The other end has moved as many bytes as it was told to; what is left of the request is dropped. */
    @Override
    public void terminalCount() {
        if ((status & DiskRegisters.BUSY) != 0) {
            stageReady.cancel();
            stopRequesting();
            finish(DiskRegisters.DONE);
        }
    }

    private void stopRequesting() {
        stage = new byte[0];
        supplied = 0;
        dmaTimeout.cancel();
        request.set(false);
    }

    private void fail(int reason) {
        error = reason;
        stopRequesting();
        finish(DiskRegisters.DONE | DiskRegisters.FAILED);
    }

    private void finish(int result) {
        status = result;
        irq.set(true);
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {select, lba, count, status, error, active, supplied});
        out.put64(nextByte);
        out.put64(endByte);
        out.putBytes(stage);
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[7];
        in.getInts(words);
        select = words[0];
        lba = words[1];
        count = words[2];
        status = words[3];
        error = words[4];
        active = words[5];
        supplied = words[6];
        nextByte = in.get64();
        endByte = in.get64();
        stage = in.getBytes();
    }
}
