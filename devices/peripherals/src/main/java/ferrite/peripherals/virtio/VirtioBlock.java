package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioBlockRegisters.HEADER_BYTES;
import static ferrite.peripherals.virtio.VirtioBlockRegisters.SEGMENT_BYTES;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;
import ferrite.peripherals.medium.DiskImage;
import ferrite.peripherals.medium.Drive;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The block device (section 5.2). It serves requests in order of arrival, up to 64 KiB at a time.
 *
 * <p>Written data reaches the host's file at a flush. Without a flush it does so only when the drive's cache is full,
 * or when the driver has not accepted the flush feature: then each write is flushed.
 */
public final class VirtioBlock implements VirtioDevice, QueueServer.Work {

    private static final int BLOCK = 2;
    private static final int SECTOR_BYTES = DiskImage.SECTOR_BYTES;
    /** Together with header and status, half of the capacity of a queue. */
    private static final int MAX_SEGMENTS = VirtQueue.MAX_SIZE / 2 - 2;
    private static final int MAX_ZEROED_SECTORS = 1 << 15;

    private static final int PIECE_BYTES = 64 << 10;
    private static final int SEEK_TICKS = 20 * Clock.TICKS_PER_MICROSECOND;
    private static final int FLUSH_TICKS = 100 * Clock.TICKS_PER_MICROSECOND;
    private static final int BYTES_PER_TICK = 8;
    private static final int SLOW_TICKS = 1_000_000 * Clock.TICKS_PER_MICROSECOND;
    private static final int OVERRUN_BYTES = 8;

    /** The next step of the active request. */
    private enum Stage { NONE, TRANSFER, FLUSH, END }

    private final String name;
    private final Drive drive;
    private final DeviceFaults faults;
    private Transport transport;
    private QueueServer requests;

    private Stage stage = Stage.NONE;
    private int type;
    private long sector;
    private int result;

    /** @param name the serial number that a driver may read; up to 20 bytes */
    public VirtioBlock(String name, DiskImage image) {
        this(name, image, DeviceFaults.none());
    }

    /**
     * @param name   the serial number that a driver may read; up to 20 bytes
     * @param faults of its requests
     */
    public VirtioBlock(String name, DiskImage image, DeviceFaults faults) {
        this.name = name;
        this.drive = new Drive(image);
        this.faults = faults;
    }

    @Override
    public int id() {
        return BLOCK;
    }

    @Override
    public String kind() {
        return "block";
    }

    @Override
    public long features() {
        return 1L << VirtioBlockRegisters.F_SEG_MAX
                | 1L << VirtioBlockRegisters.F_BLK_SIZE | 1L << VirtioBlockRegisters.F_FLUSH
                | 1L << (drive.isReadOnly() ? VirtioBlockRegisters.F_RO : VirtioBlockRegisters.F_WRITE_ZEROES);
    }

    @Override
    public int queues() {
        return 1;
    }

    @Override
    public void connect(Transport toTransport) {
        transport = toTransport;
        requests = toTransport.server(0, this);
    }

    @Override
    public byte[] configuration() {
        ByteBuffer space = ByteBuffer.allocate(VirtioBlockRegisters.CONFIGURATION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        space.putLong(VirtioBlockRegisters.CAPACITY, drive.sectors());
        space.putInt(VirtioBlockRegisters.SEG_MAX, MAX_SEGMENTS);
        space.putInt(VirtioBlockRegisters.BLK_SIZE, SECTOR_BYTES);
        if (!drive.isReadOnly()) {
            space.putInt(VirtioBlockRegisters.MAX_WRITE_ZEROES_SECTORS, MAX_ZEROED_SECTORS);
            space.putInt(VirtioBlockRegisters.MAX_WRITE_ZEROES_SEG, 1);
        }
        return space.array();
    }

    @Override
    public void look(int queue) {
        requests.look();
    }

    @Override
    public void stop(int queue) {
        requests.stop();
    }

    @Override
    public int inFlight(int queue) {
        return requests.inFlight();
    }

    // ---- a request ----

    @Override
    public void require(DescriptorChain chain) {
        if (chain.readable().bytes() < HEADER_BYTES || chain.writable().bytes() < 1) {
            throw new DriverError("a request to a block device has " + chain.readable().bytes() + " bytes to read, and "
                    + chain.writable().bytes() + " to write; its header has " + HEADER_BYTES + ", and its status one");
        }
    }

    @Override
    public long begin(DescriptorChain chain) {
        ByteBuffer header = take(chain, HEADER_BYTES);
        type = header.getInt(0);
        sector = header.getLong(VirtioBlockRegisters.HEADER_SECTOR);
        result = VirtioBlockRegisters.S_OK;
        stage = switch (type) {
            case VirtioBlockRegisters.T_IN -> transfer(chain.writable().left() - 1, false);
            case VirtioBlockRegisters.T_OUT -> transfer(chain.readable().left(), true);
            case VirtioBlockRegisters.T_FLUSH -> Stage.FLUSH;
            case VirtioBlockRegisters.T_GET_ID -> Stage.END;
            case VirtioBlockRegisters.T_WRITE_ZEROES -> zero(chain);
            default -> refuse(VirtioBlockRegisters.S_UNSUPP);
        };
        faults.next();
        if (faults.is(FaultKind.ERROR)) {
            stage = refuse(VirtioBlockRegisters.S_IOERR);
        } else if (faults.is(FaultKind.SPURIOUS)) {
            transport.interrupt();
        }
        return (stage == Stage.FLUSH ? FLUSH_TICKS : SEEK_TICKS) + (faults.is(FaultKind.SLOW) ? SLOW_TICKS : 0);
    }

    private static ByteBuffer take(DescriptorChain chain, int length) {
        byte[] bytes = new byte[length];
        chain.readable().read(bytes, length);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private Stage refuse(int why) {
        result = why;
        return Stage.END;
    }

    private Stage transfer(long bytes, boolean writes) {
        boolean fits = bytes % SECTOR_BYTES == 0 && isOnDrive(bytes / SECTOR_BYTES);
        return fits && !(writes && drive.isReadOnly()) ? Stage.TRANSFER : refuse(VirtioBlockRegisters.S_IOERR);
    }

    private boolean isOnDrive(long sectors) {
        return sector >= 0 && sector <= drive.sectors() && sectors <= drive.sectors() - sector;
    }

    /** Writes zeroes (sections 5.2.6.1 and 5.2.6.2), even if the driver allows the sectors to be unmapped. */
    private Stage zero(DescriptorChain chain) {
        if (!transport.isNegotiated(VirtioBlockRegisters.F_WRITE_ZEROES)) {
            return refuse(VirtioBlockRegisters.S_UNSUPP);
        }
        if (chain.readable().left() != SEGMENT_BYTES) {
            return refuse(VirtioBlockRegisters.S_IOERR);
        }
        ByteBuffer segment = take(chain, SEGMENT_BYTES);
        sector = segment.getLong(0);
        int sectors = segment.getInt(VirtioBlockRegisters.SEGMENT_SECTORS);
        if ((segment.getInt(VirtioBlockRegisters.SEGMENT_FLAGS) & ~VirtioBlockRegisters.SEGMENT_UNMAP) != 0) {
            return refuse(VirtioBlockRegisters.S_UNSUPP);
        }
        if (sectors < 0 || sectors > MAX_ZEROED_SECTORS || !isOnDrive(sectors)) {
            return refuse(VirtioBlockRegisters.S_IOERR);
        }
        return write(new byte[sectors * SECTOR_BYTES]) ? endOfWrite() : refuse(VirtioBlockRegisters.S_IOERR);
    }

    @Override
    public long step(DescriptorChain chain) {
        if (faults.is(FaultKind.REMOVED)) {
            return QueueServer.NEVER;
        }
        return switch (stage) {
            case TRANSFER -> {
                int moved = (int) Math.min(PIECE_BYTES, left(chain));
                stage = faults.is(FaultKind.SHORT) ? moveHalf(chain) : move(chain, moved);
                yield stage == Stage.FLUSH ? FLUSH_TICKS : 1 + moved / BYTES_PER_TICK;
            }
            case FLUSH -> {
                stage = flush() ? Stage.END : refuse(VirtioBlockRegisters.S_IOERR);
                yield 1;
            }
            default -> {
                end(chain);
                yield QueueServer.DONE;
            }
        };
    }

    @Override
    public boolean losesInterrupt() {
        return faults.is(FaultKind.LOST);
    }

    @Override
    public boolean isRemoved() {
        return faults.is(FaultKind.REMOVED);
    }

    /** Moves half of the data. The length that the device gives back tells it for a read, an error for a write. */
    private Stage moveHalf(DescriptorChain chain) {
        int half = (int) Math.min(PIECE_BYTES, left(chain)) / SECTOR_BYTES / 2 * SECTOR_BYTES;
        if (half > 0) {
            move(chain, half);
        }
        return type == VirtioBlockRegisters.T_OUT ? refuse(VirtioBlockRegisters.S_IOERR) : Stage.END;
    }

    private long left(DescriptorChain chain) {
        return type == VirtioBlockRegisters.T_IN ? chain.writable().left() - 1 : chain.readable().left();
    }

    /** Moves the next piece. Returns the next stage. */
    private Stage move(DescriptorChain chain, int bytes) {
        byte[] piece = new byte[bytes];
        boolean writes = type == VirtioBlockRegisters.T_OUT;
        if (writes) {
            chain.readable().read(piece, bytes);
            spoil(piece);
        }
        if (!(writes ? write(piece) : read(piece))) {
            return refuse(VirtioBlockRegisters.S_IOERR);
        }
        if (!writes) {
            spoil(piece);
            chain.writable().write(piece, bytes);
        }
        sector += bytes / SECTOR_BYTES;
        return left(chain) > 0 ? Stage.TRANSFER : writes ? endOfWrite() : Stage.END;
    }

    private void spoil(byte[] piece) {
        if (faults.is(FaultKind.WRONG)) {
            piece[0] ^= 1;
        }
    }

    /** Returns the stage after a write: a flush, if the driver has not accepted the flush feature (section 5.2.6.2). */
    private Stage endOfWrite() {
        return transport.isNegotiated(VirtioBlockRegisters.F_FLUSH) ? Stage.END : Stage.FLUSH;
    }

    private boolean read(byte[] into) {
        try {
            drive.read(sector, into);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean write(byte[] from) {
        if (!drive.hasRoomFor(from.length / SECTOR_BYTES) && !flush()) {
            return false;
        }
        drive.write(sector, from);
        return true;
    }

    private boolean flush() {
        try {
            drive.flush();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void end(DescriptorChain chain) {
        if (type == VirtioBlockRegisters.T_GET_ID) {
            byte[] id = Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), VirtioBlockRegisters.ID_BYTES);
            chain.writable().write(id, (int) Math.min(id.length, chain.writable().left() - 1));
        }
        chain.writable().writeLast(result);
        if (faults.is(FaultKind.OVERRUN)) {
            chain.writable().writePast(new byte[OVERRUN_BYTES]);
        }
        stage = Stage.NONE;
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        drive.save(out);
        requests.save(out);
        out.putInts(new int[] {stage.ordinal(), type, result});
        out.put64(sector);
        faults.save(out);
    }

    @Override
    public void restore(StateReader in) {
        drive.restore(in);
        requests.restore(in);
        int[] words = new int[3];
        in.getInts(words);
        StateReader.requireThat(words[0] >= 0 && words[0] < Stage.values().length,
                "a request is in stage " + words[0] + "; the number of stages is " + Stage.values().length);
        stage = Stage.values()[words[0]];
        type = words[1];
        result = words[2];
        sector = in.get64();
        faults.restore(in);
        if (requests.active() != null) {
            requireSense(requests.active());
        }
    }

    /**
     * Refuses an active request that {@link #begin} would reject, and one with its header unread or its status already
     * written.
     */
    private void requireSense(DescriptorChain chain) {
        StateReader.requireThat(stage != Stage.NONE && chain.readable().done() >= HEADER_BYTES
                && chain.writable().left() >= 1, "a request is in stage " + stage + " with " + chain.readable().done()
                        + " bytes read, and " + chain.writable().left() + " left to write");
        StateReader.requireThat(result >= VirtioBlockRegisters.S_OK && result <= VirtioBlockRegisters.S_UNSUPP,
                "a request has the result " + result);
        if (stage == Stage.TRANSFER) {
            boolean writes = type == VirtioBlockRegisters.T_OUT;
            StateReader.requireThat((writes || type == VirtioBlockRegisters.T_IN) && transfer(left(chain),
                    writes) == Stage.TRANSFER, "a request of type " + type + " transfers " + left(chain)
                    + " bytes from sector " + sector + " on, of " + drive.sectors());
        }
    }
}
