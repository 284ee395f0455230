package ferrite.peripherals.semihosting;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.medium.HostFolder;
import ferrite.peripherals.medium.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The files that a program has open, by handle. The state of each is its name, its mode and its position. The host's
 * open file is a cache: it is opened again when it is needed after a restore. The contents of a file belong to no
 * snapshot.
 */
final class OpenFiles {

    static final int MAX_OPEN = 64;
    static final int MAX_NAME_BYTES = 1024;
    static final int LAST_MODE = 11;

    // fopen's modes, 0 (r) to 11 (a+b): those that write begin here, those that append, and the bit of the plus
    private static final int WRITES = 4;
    private static final int APPENDS = 8;
    private static final int UPDATES = 2;

    private static final String TERMINAL = ":tt";
    private static final String FEATURES = ":semihosting-features";
    /** The magic number, and a bit each for SYS_EXIT_EXTENDED and for a standard error of its own. */
    private static final byte[] FEATURE_BYTES = {'S', 'H', 'F', 'B', 3};

    /** SYS_FLEN and SYS_SEEK have 32 bits. */
    private static final long MAX_LENGTH = Integer.MAX_VALUE;

    private static final class Open {

        private final byte[] name;
        private final int mode;
        private long position;
        /** Null until it is used, after a restore. */
        private FileChannel channel;

        Open(byte[] name, int mode) {
            this.name = name;
            this.mode = mode;
        }

        boolean is(String special) {
            return Arrays.equals(name, special.getBytes(StandardCharsets.US_ASCII));
        }

        boolean appends() {
            return mode >= APPENDS;
        }

        HostFolder.Mode access() {
            return new HostFolder.Mode(reads(), writes(), mode >= WRITES, mode >= WRITES && !appends());
        }

        boolean reads() {
            return mode < WRITES || (mode & UPDATES) != 0;
        }

        boolean writes() {
            return mode >= WRITES || (mode & UPDATES) != 0;
        }
    }

    private final HostFolder folder;
    /** Handle 0 is never given out. */
    private final Open[] files = new Open[MAX_OPEN + 1];

    OpenFiles(HostFolder folder) {
        this.folder = folder;
    }

    /** Opens a file, a stream of the terminal or the list of features. Returns its handle. */
    int open(byte[] name, int mode) throws Refusal {
        if (mode < 0 || mode > LAST_MODE) {
            throw new Refusal(Refusal.EINVAL);
        }
        int handle = 1;
        while (handle < files.length && files[handle] != null) {
            handle++;
        }
        if (handle == files.length) {
            throw new Refusal(Refusal.EMFILE);
        }
        Open file = new Open(name, mode);
        if (file.is(FEATURES) && mode >= WRITES) {
            throw new Refusal(Refusal.EACCES);
        }
        if (!file.is(TERMINAL) && !file.is(FEATURES)) {
            file.channel = folder.open(name, file.access());
        }
        files[handle] = file;
        return handle;
    }

    private Open at(int handle) throws Refusal {
        if (handle <= 0 || handle >= files.length || files[handle] == null) {
            throw new Refusal(Refusal.EBADF);
        }
        return files[handle];
    }

    private FileChannel channel(Open file) throws Refusal {
        if (file.channel == null) {
            file.channel = folder.open(file.name, file.access().again());
        }
        return file.channel;
    }

    void close(int handle) throws Refusal {
        Open file = at(handle);
        files[handle] = null;
        try {
            closeChannel(file);
        } catch (IOException e) {
            throw HostFolder.refusal(e);
        }
    }

    private static void closeChannel(Open file) throws IOException {
        if (file.channel != null) {
            file.channel.close();
        }
    }

    boolean isTerminal(int handle) throws Refusal {
        return at(handle).is(TERMINAL);
    }

    /** Returns the file descriptor of a stream of the terminal: 0, 1 or 2, as the mode was r, w or a. */
    int descriptor(int handle) throws Refusal {
        return at(handle).mode / WRITES;
    }

    /** Reads from the position on. Returns the number of bytes, 0 at the end. The position stays. */
    int read(int handle, byte[] into, long after) throws Refusal {
        Open file = at(handle);
        long from = file.position + after;
        if (file.is(FEATURES)) {
            int count = (int) Math.max(0, Math.min(into.length, FEATURE_BYTES.length - from));
            System.arraycopy(FEATURE_BYTES, (int) Math.min(from, FEATURE_BYTES.length), into, 0, count);
            return count;
        }
        if (file.is(TERMINAL) || !file.reads()) {
            throw new Refusal(Refusal.EBADF);
        }
        try {
            return Math.max(0, channel(file).read(ByteBuffer.wrap(into), from));
        } catch (IOException e) {
            throw HostFolder.refusal(e);
        }
    }

    void advance(int handle, long bytes) throws Refusal {
        at(handle).position += bytes;
    }

    /** Writes at the position, or at the end of a file that was opened to append. */
    void write(int handle, byte[] bytes) throws Refusal {
        Open file = at(handle);
        if (file.is(FEATURES) || !file.writes()) {
            throw new Refusal(Refusal.EBADF);
        }
        try {
            long at = file.appends() ? channel(file).size() : file.position;
            if (at + bytes.length > MAX_LENGTH) {
                throw new Refusal(Refusal.EFBIG);
            }
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel(file).write(left, at + left.position());
            }
            file.position = at + bytes.length;
        } catch (IOException e) {
            throw HostFolder.refusal(e);
        }
    }

    /** Removes a file, or gives it another name. */
    void change(byte[] name, byte[] newName) throws Refusal {
        if (newName == null) {
            folder.remove(name);
        } else {
            folder.rename(name, newName);
        }
    }

    void seek(int handle, int position) throws Refusal {
        Open file = at(handle);
        if (file.is(TERMINAL)) {
            throw new Refusal(Refusal.ESPIPE);
        }
        if (position < 0) {
            throw new Refusal(Refusal.EINVAL);
        }
        file.position = position;
    }

    int length(int handle) throws Refusal {
        Open file = at(handle);
        if (file.is(TERMINAL)) {
            return 0;
        }
        if (file.is(FEATURES)) {
            return FEATURE_BYTES.length;
        }
        try {
            long size = channel(file).size();
            if (size > MAX_LENGTH) {
                throw new Refusal(Refusal.EFBIG);
            }
            return (int) size;
        } catch (IOException e) {
            throw HostFolder.refusal(e);
        }
    }

    void closeAll() throws IOException {
        for (int handle = 1; handle < files.length; handle++) {
            if (files[handle] != null) {
                closeChannel(files[handle]);
                files[handle] = null;
            }
        }
    }

    void save(StateWriter out) {
        for (int handle = 1; handle < files.length; handle++) {
            Open file = files[handle];
            out.putBoolean(file != null);
            if (file != null) {
                out.putBytes(file.name);
                out.put32(file.mode);
                out.put64(file.position);
            }
        }
    }

    /** Forgets all open files, and takes over those of the saved state. */
    void restore(StateReader in) {
        try {
            closeAll();
        } catch (IOException lost) {
            // the bytes are in the host's file already
        }
        for (int handle = 1; handle < files.length; handle++) {
            if (in.getBoolean()) {
                byte[] name = in.getBytes();
                StateReader.requireThat(name.length <= MAX_NAME_BYTES,
                        "a file has a name of " + name.length + " bytes");
                files[handle] = new Open(name, in.get32(0, LAST_MODE));
                files[handle].position = in.get64(0, MAX_LENGTH);
            }
        }
    }
}
