package ferrite.peripherals.disk;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.dma.DmaBytes;
import ferrite.hardware.dma.DmaRequester;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateMedia;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;
import ferrite.peripherals.medium.DiskImage;
import ferrite.peripherals.medium.Drive;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * A disk controller with its drives. A transfer seeks, then stages up to 64 KiB at a time and raises the DMA request
 * line for each stage. It ends when all sectors have gone over the line, or when the DMA controller signals terminal
 * count.
 *
 * <p>Written sectors reach the host's file at a flush, and not before.
 */
public final class Disk implements BusDevice, DmaRequester, Saveable {

    /** Device tree: the compatible string. */
    public static final String COMPATIBLE = "ferrite,disk";
    public static final long BYTES = DiskRegisters.BYTES;

    private static final int STAGE_SECTORS = (64 << 10) / DiskRegisters.SECTOR_BYTES;
    private static final int SEEK_TICKS = 20 * Clock.TICKS_PER_MICROSECOND;
    private static final int FLUSH_TICKS = 100 * Clock.TICKS_PER_MICROSECOND;
    private static final int SLOW_TICKS = 1_000_000 * Clock.TICKS_PER_MICROSECOND;
    private static final int ALL_ONES = -1;
    private static final int NEXT_STAGE_TICKS = Clock.TICKS_PER_MICROSECOND;
    private static final int DMA_TIMEOUT_TICKS = 10_000 * Clock.TICKS_PER_MICROSECOND;

    private final String name;
    private final List<Drive> drives;
    private final IrqLine irq;
    private final DeviceFaults faults;
    private final ClockEvent stageReady;
    private final ClockEvent flushDone;
    private final ClockEvent dmaTimeout;
    private IrqLine request = level -> { };

    private int select;
    private int lba;
    private int count;
    private int status;
    private int error;
    private int active;
    private boolean writing;
    /** The next sector to stage, and the sector past the end of the request. */
    private long nextSector;
    private long endSector;
    private byte[] stage = new byte[0];
    /** Bytes of the stage that have gone over the line. */
    private int moved;

    public Disk(String name, List<DiskImage> images, Clock clock, IrqLine irq) {
        this(name, images, clock, irq, DeviceFaults.none());
    }

    /** @param faults of its requests */
    public Disk(String name, List<DiskImage> images, Clock clock, IrqLine irq, DeviceFaults faults) {
        this.name = name;
        this.faults = faults;
        this.drives = images.stream().map(Drive::new).toList();
        this.irq = irq;
        this.stageReady = clock.newEvent(name + " stage", this::openStage);
        this.flushDone = clock.newEvent(name + " flush", this::flush);
        this.dmaTimeout = clock.newEvent(name + " dma timeout", () -> fail(DiskRegisters.DMA_TIMEOUT));
    }

    /** Connects the DMA request line. */
    public void connect(IrqLine dreq) {
        request = dreq;
    }

    @Override
    public String name() {
        return name + ((status & DiskRegisters.BUSY) != 0 ? active : select);
    }

    @Override
    public String request() {
        long sectors = endSector - nextSector;
        return name() + (writing ? " writes " : " reads ") + sectors + (sectors == 1 ? " sector" : " sectors")
                + " from sector " + nextSector + " on";
    }

    // ---- registers ----

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        requireWord(offset, width);
        if (faults.is(FaultKind.REMOVED)) {
            return ALL_ONES;
        }
        return switch ((int) offset) {
            case DiskRegisters.DRIVES -> drives.size();
            case DiskRegisters.SELECT -> select;
            case DiskRegisters.CAPACITY -> select < drives.size()
                    ? (int) Math.min(drives.get(select).sectors(), 0xffff_ffffL) : 0;
            case DiskRegisters.LBA -> lba;
            case DiskRegisters.COUNT -> count;
            case DiskRegisters.STATUS -> status;
            case DiskRegisters.ERROR -> error;
            case DiskRegisters.FLAGS -> select < drives.size() && drives.get(select).isReadOnly()
                    ? DiskRegisters.FLAG_READ_ONLY : 0;
            default -> throw noRegister(offset, width, "has no register to read here");
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        requireWord(offset, width);
        if (faults.is(FaultKind.REMOVED)) {
            return;
        }
        switch ((int) offset) {
            case DiskRegisters.SELECT -> select = value & 0xff;
            case DiskRegisters.LBA -> lba = value;
            case DiskRegisters.COUNT -> count = value;
            case DiskRegisters.COMMAND -> command(value);
            case DiskRegisters.STATUS -> acknowledge(value);
            default -> throw noRegister(offset, width, "has no register to write here");
        }
    }

    private static void requireWord(long offset, int width) {
        if (width != 4) {
            throw noRegister(offset, width, "has only registers of one word");
        }
    }

    private static BusFault noRegister(long offset, int width, String why) {
        return new BusFault(offset, width, "the disk controller " + why);
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
            return;                                    // like a real drive, ignores a command while another one runs
        }
        error = DiskRegisters.NO_ERROR;
        status = DiskRegisters.BUSY;
        if (select >= drives.size()) {
            fail(DiskRegisters.BAD_REQUEST);
            return;
        }
        active = select;
        faults.next();
        if (faults.is(FaultKind.ERROR)) {
            fail(DiskRegisters.MEDIUM);
            return;
        }
        if (faults.is(FaultKind.SPURIOUS)) {
            irq.set(true);
            irq.set(false);
        }
        switch (command) {
            case DiskRegisters.READ, DiskRegisters.WRITE -> startTransfer(command == DiskRegisters.WRITE);
            case DiskRegisters.FLUSH -> flushDone.scheduleIn(FLUSH_TICKS + delay());
            default -> fail(DiskRegisters.BAD_REQUEST);
        }
    }

    private void startTransfer(boolean write) {
        writing = write;
        nextSector = lba & 0xffff_ffffL;
        endSector = nextSector + (count & 0xffff_ffffL);
        int refusal = refusal();
        if (refusal != DiskRegisters.NO_ERROR) {
            fail(refusal);
        } else {
            stageReady.scheduleIn(SEEK_TICKS + delay());
        }
    }

    private int delay() {
        return faults.is(FaultKind.SLOW) ? SLOW_TICKS : 0;
    }

    private int refusal() {
        if (count == 0) {
            return DiskRegisters.BAD_REQUEST;
        }
        if (endSector > drive().sectors()) {
            return DiskRegisters.OUT_OF_BOUNDS;
        }
        if (writing && drive().isReadOnly()) {
            return DiskRegisters.READ_ONLY;
        }
        boolean fits = !writing
                || endSector - nextSector <= Drive.CACHE_SECTORS && drive().hasRoomFor((int) (endSector - nextSector));
        return fits ? DiskRegisters.NO_ERROR : DiskRegisters.CACHE_FULL;
    }

    private Drive drive() {
        return drives.get(active);
    }

    private void flush() {
        if (faults.is(FaultKind.REMOVED)) {
            return;
        }
        try {
            drive().flush();
            finish(DiskRegisters.DONE);
        } catch (IOException e) {
            fail(DiskRegisters.MEDIUM);
        }
    }

    /** Prepares the next stage: reads it from the drive, or leaves it empty for the DMA controller to fill. */
    private void openStage() {
        if (faults.is(FaultKind.REMOVED)) {
            return;
        }
        if (faults.is(FaultKind.SHORT)) {
            endSector = nextSector + (endSector - nextSector) / 2;
            if (endSector == nextSector) {
                finish(DiskRegisters.DONE);
                return;
            }
        }
        byte[] bytes = new byte[(int) Math.min(STAGE_SECTORS, endSector - nextSector) * DiskRegisters.SECTOR_BYTES];
        try {
            if (!writing) {
                drive().read(nextSector, bytes);
                spoil(bytes);
            }
        } catch (IOException e) {
            fail(DiskRegisters.MEDIUM);
            return;
        }
        stage = bytes;
        moved = 0;
        dmaTimeout.scheduleIn(DMA_TIMEOUT_TICKS);
        request.set(true);
    }

    private void spoil(byte[] bytes) {
        if (faults.is(FaultKind.WRONG)) {
            bytes[0] ^= 1;
        }
    }

    @Override
    public int ready() {
        return stage.length - moved;
    }

    /** Supplies bytes to the DMA controller. In a write request the disk does not drive the bus. */
    @Override
    public void supply(DmaBytes bus, int length) {
        if (!writing) {
            bus.put(stage, moved, length);
        }
        advance(length);
    }

    /** Accepts bytes from the DMA controller. A read request ignores them. */
    @Override
    public void accept(DmaBytes bus, int length) {
        if (writing) {
            bus.get(stage, moved, length);
        }
        advance(length);
    }

    private void advance(int length) {
        moved += length;
        if (moved == stage.length) {
            closeStage();
        }
    }

    private void closeStage() {
        if (writing) {
            spoil(stage);
            drive().write(nextSector, stage);
        }
        nextSector += stage.length / DiskRegisters.SECTOR_BYTES;
        stopRequesting();
        if (nextSector < endSector) {
            stageReady.scheduleIn(NEXT_STAGE_TICKS);
        } else {
            finish(DiskRegisters.DONE);
        }
    }

    /**
     * Ends the request at terminal count and drops the rest of it. A write keeps the whole sectors that have arrived.
     */
    @Override
    public void terminalCount() {
        if ((status & DiskRegisters.BUSY) != 0) {
            if (writing) {
                drive().write(nextSector, Arrays.copyOf(stage, moved - moved % DiskRegisters.SECTOR_BYTES));
            }
            stageReady.cancel();
            stopRequesting();
            finish(DiskRegisters.DONE);
        }
    }

    private void stopRequesting() {
        stage = new byte[0];
        moved = 0;
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
        if (!faults.is(FaultKind.LOST)) {
            irq.set(true);
        }
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {select, lba, count, status, error, active, moved});
        out.putBoolean(writing);
        out.put64(nextSector);
        out.put64(endSector);
        out.putBytes(stage);
        drives.forEach(drive -> drive.save(out));
        faults.save(out);
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
        moved = words[6];
        writing = in.getBoolean();
        nextSector = in.get64();
        endSector = in.get64();
        stage = in.getBytes();
        requireSense();
        drives.forEach(drive -> drive.restore(in));
        faults.restore(in);
        requireRoom(in.media() == StateMedia.GO_BACK);
    }

    /**
     * Refuses an unfinished write request that its drive cannot take. When the medium goes back, the cache may be
     * fuller than it was at the start of the request.
     */
    private void requireRoom(boolean goBack) {
        boolean writes = writing && (stageReady.isScheduled() || stage.length > 0);
        long sectors = endSector - nextSector;
        StateReader.requireThat(!writes || !drive().isReadOnly() && sectors <= Drive.CACHE_SECTORS
                && (goBack || drive().hasRoomFor((int) sectors)),
                "drive " + active + " cannot take the " + sectors + " sectors of its write request");
    }

    /** Refuses an unfinished request for a drive or sectors that do not exist. */
    private void requireSense() {
        boolean busy = (status & DiskRegisters.BUSY) != 0 || stageReady.isScheduled() || flushDone.isScheduled()
                || stage.length > 0;
        StateReader.requireThat(active >= 0 && active < Math.max(1, drives.size()) && (!busy || !drives.isEmpty()),
                "a request goes to drive " + active + " of " + drives.size());
        long sectors = busy ? drive().sectors() : Long.MAX_VALUE;
        StateReader.requireThat(nextSector >= 0 && nextSector <= endSector
                && (!busy || flushDone.isScheduled() || endSector <= sectors),
                "a request for sectors " + nextSector + " to " + endSector + " of " + sectors);
        StateReader.requireThat(stage.length <= STAGE_SECTORS * DiskRegisters.SECTOR_BYTES
                && stage.length % DiskRegisters.SECTOR_BYTES == 0
                && stage.length / DiskRegisters.SECTOR_BYTES <= endSector - nextSector && moved >= 0
                && moved <= stage.length, moved + " of " + stage.length + " bytes have gone over the line");
    }
}
