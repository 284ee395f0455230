package ferrite.peripherals.hostfs;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.medium.HostFolder;
import ferrite.peripherals.medium.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Files of the host, in one directory. The device masters the bus, so a command moves a whole buffer between memory and
 * a file.
 *
 * <p>Its state is the registers, and the name and the mode of each open file. The host's open file is a cache: it is
 * opened again when it is needed after a restore. The contents of files belong to the host.
 */
public final class Hostfs implements BusDevice, Saveable, AutoCloseable {

    public static final String COMPATIBLE = "ferrite,hostfs";
    public static final long BYTES = HostfsRegisters.BYTES;

    static final int MAX_OPEN = 64;
    static final int MAX_TRANSFER = 1 << 20;
    private static final int MAX_NAME_BYTES = 4096;
    private static final int ALL_MODES = 15;

    private static final class Open {

        private final byte[] name;
        private final int mode;
        /** Null until it is used, after a restore. */
        private FileChannel channel;

        Open(byte[] name, int mode) {
            this.name = name;
            this.mode = mode;
        }

        HostFolder.Mode access() {
            return new HostFolder.Mode(is(HostfsRegisters.MODE_READS), is(HostfsRegisters.MODE_WRITES),
                    is(HostfsRegisters.MODE_CREATES), is(HostfsRegisters.MODE_EMPTIES));
        }

        boolean is(int bit) {
            return (mode & bit) != 0;
        }
    }

    private final PhysicalBus bus;
    private final BusMaster master;
    private final HostFolder folder;
    private final Predicate<Path> isTaken;
    /** Handle 0 is never given out. */
    private final Open[] files = new Open[MAX_OPEN + 1];
    private int address;
    private int length;
    private int handle;
    private long offset;
    private int mode;
    private long result;

    /**
     * Creates a device without open files.
     *
     * @param isTaken tells whether a file belongs to another device of the machine, so that it must not be written
     */
    public Hostfs(String name, PhysicalBus bus, Path directory, Predicate<Path> isTaken) {
        this.bus = bus;
        this.master = new BusMaster(name, 32);
        this.folder = new HostFolder(directory);
        this.isTaken = isTaken;
    }

    // ---- registers ----

    @Override
    public int load(long register, int width) {
        return peek(register, width);
    }

    @Override
    public int peek(long register, int width) {
        requireWord(register, width);
        return switch ((int) register) {
            case HostfsRegisters.ADDRESS -> address;
            case HostfsRegisters.LENGTH -> length;
            case HostfsRegisters.HANDLE -> handle;
            case HostfsRegisters.OFFSET_LOW -> (int) offset;
            case HostfsRegisters.OFFSET_HIGH -> (int) (offset >>> 32);
            case HostfsRegisters.MODE -> mode;
            case HostfsRegisters.RESULT_LOW -> (int) result;
            case HostfsRegisters.RESULT_HIGH -> (int) (result >>> 32);
            default -> throw noRegister(register, width);
        };
    }

    @Override
    public void store(long register, int width, int value) {
        requireWord(register, width);
        switch ((int) register) {
            case HostfsRegisters.ADDRESS -> address = value;
            case HostfsRegisters.LENGTH -> length = value;
            case HostfsRegisters.HANDLE -> handle = value;
            case HostfsRegisters.OFFSET_LOW -> offset = offset & ~0xffff_ffffL | value & 0xffff_ffffL;
            case HostfsRegisters.OFFSET_HIGH -> offset = offset & 0xffff_ffffL | (long) value << 32;
            case HostfsRegisters.MODE -> mode = value & ALL_MODES;
            case HostfsRegisters.COMMAND -> result = command(value);
            default -> throw noRegister(register, width);
        }
    }

    private static void requireWord(long register, int width) {
        if (width != 4) {
            throw noRegister(register, width);
        }
    }

    private static BusFault noRegister(long register, int width) {
        return new BusFault(register, width, "hostfs has no register of this width and direction here");
    }

    // ---- commands ----

    private long command(int command) {
        try {
            return switch (command) {
                case HostfsRegisters.OPEN -> open();
                case HostfsRegisters.CLOSE -> close(at(handle));
                case HostfsRegisters.READ -> read(at(handle));
                case HostfsRegisters.WRITE -> write(at(handle));
                case HostfsRegisters.SIZE -> channel(at(handle)).size();
                default -> throw new Refusal(Refusal.ENOSYS);
            };
        } catch (Refusal refusal) {
            return -refusal.number();
        } catch (BusFault wrongAddress) {
            return -Refusal.EFAULT;
        } catch (IOException e) {
            return -HostFolder.refusal(e).number();
        }
    }

    private long open() throws Refusal {
        int free = 1;
        while (free < files.length && files[free] != null) {
            free++;
        }
        if (free == files.length) {
            throw new Refusal(Refusal.EMFILE);
        }
        if (length < 0 || length > MAX_NAME_BYTES) {
            throw new Refusal(Refusal.ENAMETOOLONG);
        }
        Open file = new Open(load(), mode);
        Path path = folder.resolve(file.name);
        if (file.is(HostfsRegisters.MODE_WRITES) && isTaken.test(path)
                || file.is(HostfsRegisters.MODE_EMPTIES) && isOpen(path)) {
            throw new Refusal(Refusal.EBUSY);
        }
        file.channel = folder.open(file.name, file.access());
        files[free] = file;
        return free;
    }

    /** Tells whether another handle has this file, whatever its name there. */
    private boolean isOpen(Path path) {
        return Arrays.stream(files).anyMatch(other -> other != null && isSame(path, other.name));
    }

    private boolean isSame(Path path, byte[] name) {
        try {
            return Files.isSameFile(path, folder.resolve(name));
        } catch (IOException | Refusal gone) {
            return false;
        }
    }

    private Open at(int number) throws Refusal {
        if (number <= 0 || number >= files.length || files[number] == null) {
            throw new Refusal(Refusal.EBADF);
        }
        return files[number];
    }

    private FileChannel channel(Open file) throws Refusal {
        if (file.channel == null) {
            file.channel = folder.open(file.name, file.access().again());
        }
        return file.channel;
    }

    private long close(Open file) throws IOException {
        files[handle] = null;
        if (file.channel != null) {
            file.channel.close();
        }
        return 0;
    }

    /** Returns the bytes of the buffer. */
    private byte[] load() {
        byte[] bytes = new byte[length];
        bus.read(master, address & 0xffff_ffffL, bytes, 0, length);
        return bytes;
    }

    private void requireTransfer(Open file, int bit) throws Refusal {
        if (!file.is(bit)) {
            throw new Refusal(Refusal.EBADF);
        }
        if (length < 0 || length > MAX_TRANSFER || offset < 0 || offset > Long.MAX_VALUE - MAX_TRANSFER) {
            throw new Refusal(Refusal.EINVAL);
        }
    }

    private long read(Open file) throws Refusal, IOException {
        requireTransfer(file, HostfsRegisters.MODE_READS);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        boolean more = true;
        while (more && bytes.hasRemaining()) {
            more = channel(file).read(bytes, offset + bytes.position()) > 0;
        }
        bus.write(master, address & 0xffff_ffffL, bytes.array(), 0, bytes.position());
        return bytes.position();
    }

    private long write(Open file) throws Refusal, IOException {
        requireTransfer(file, HostfsRegisters.MODE_WRITES);
        ByteBuffer bytes = ByteBuffer.wrap(load());
        while (bytes.hasRemaining()) {
            channel(file).write(bytes, offset + bytes.position());
        }
        return length;
    }

    /** Closes the host's files. */
    @Override
    public void close() throws IOException {
        for (Open file : files) {
            if (file != null && file.channel != null) {
                file.channel.close();
                file.channel = null;
            }
        }
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {address, length, handle, mode});
        out.put64(offset);
        out.put64(result);
        for (Open file : files) {
            out.putBoolean(file != null);
            if (file != null) {
                out.putBytes(file.name);
                out.put32(file.mode);
            }
        }
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[4];
        in.getInts(words);
        address = words[0];
        length = words[1];
        handle = words[2];
        mode = words[3] & ALL_MODES;
        offset = in.get64();
        result = in.get64();
        try {
            close();
        } catch (IOException lost) {
            // the bytes are in the host's file already
        }
        for (int number = 0; number < files.length; number++) {
            files[number] = in.getBoolean() ? restoreFile(in) : null;
        }
    }

    private static Open restoreFile(StateReader in) {
        byte[] name = in.getBytes();
        StateReader.requireThat(name.length <= MAX_NAME_BYTES, "a file has a name of " + name.length + " bytes");
        return new Open(name, in.get32(0, ALL_MODES));
    }
}
