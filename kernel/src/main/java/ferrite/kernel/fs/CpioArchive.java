package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.mm.Vmalloc;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the table of files out of a cpio archive in memory (the format {@code newc}, Linux's
 * Documentation/driver-api/early-userspace/buffer-format.rst). A header has 110 characters, then come the path and the
 * contents, each padded to 4 bytes:
 *
 * <pre>
 *  070701 ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check   8 digits each
 * </pre>
 *
 * <p>The archive is hostile: a wrong header ends the table, and the log says so.
 */
final class CpioArchive {

    private static final int HEADER = 110;
    private static final int MAGIC = 6;
    private static final int DIGITS = 8;
    /** The field with the number of a file's names. */
    private static final int LINKS = 4;
    private static final int MAX_FILES = 1 << 16;
    private static final int MAX_PATH = 4096;
    private static final String END = "TRAILER!!!";

    private final KernelMemory memory;
    private final KernelBase base;
    private final Vmalloc vmalloc;
    private final long start;
    private final long end;

    CpioArchive(KernelBase base, Vmalloc vmalloc, long start, long end) {
        this.memory = base.memory();
        this.base = base;
        this.vmalloc = vmalloc;
        this.start = start;
        this.end = end;
    }

    /** A file's header and places. {@code next} is the place of the next header. */
    private record Entry(long[] fields, long path, int pathLength, long data, long next) {

        int field(int number) {
            return (int) fields[number];
        }
    }

    /** Makes the table of files. Task context; may sleep. */
    void index() {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry = read(start); entry != null; entry = read(entry.next)) {
            if (entries.size() == MAX_FILES) {
                base.log().print(KernLevels.KERN_ERR + "rootfs: the archive has more than " + MAX_FILES
                        + " files; the rest is lost");
                break;
            }
            entries.add(entry);
        }
        int files = entries.size();
        long table = files == 0 ? 0 : vmalloc.vzalloc((long) files * InodeLayout.SIZE);
        if (table == 0) {
            base.log().print(KernLevels.KERN_ERR + "rootfs: " + (files == 0 ? "the archive has no files: it is no cpio "
                    + "archive of the format newc" : "no memory for the table of " + files + " files"));
            return;
        }
        for (int i = 0; i < files; i++) {
            fill(table + (long) i * InodeLayout.SIZE, entries.get(i));
        }
        RootLayout.ROOTFS.set(memory, base.root(), table);
        RootLayout.ROOTFS_FILES.set(memory, base.root(), files);
        base.log().info("rootfs: " + files + " files");
    }

    /** The path is cleaned as bytes, a character for each: it may be no UTF-8. */
    private void fill(long record, Entry entry) {
        String path = text(entry.path, entry.pathLength).split("\0", 2)[0];
        String clean = RootFs.clean(path);
        int at = path.indexOf(clean);
        InodeLayout.PATH.set(memory, record, at < 0 ? base.strings().intern(clean) : entry.path + at);
        InodeLayout.PATH_LENGTH.set(memory, record, clean.length());
        InodeLayout.HASH.set(memory, record, RootFs.hash(clean.getBytes(StandardCharsets.ISO_8859_1)));
        InodeLayout.NUMBER.set(memory, record, entry.field(LINKS) > 1 ? entry.field(0) : 0);
        InodeLayout.MODE.set(memory, record, entry.field(1));
        InodeLayout.MTIME.set(memory, record, entry.field(5));
        InodeLayout.DATA.set(memory, record, entry.data);
        InodeLayout.BYTES.set(memory, record, entry.field(6));
    }

    /** Reads the entry at an address; null at the end, or if it makes no sense. */
    private Entry read(long at) {
        if (at + HEADER > end) {
            return null;
        }
        String header = text(at, HEADER);
        if (!header.matches("07070[12][0-9A-Fa-f]{" + (HEADER - MAGIC) + "}")) {
            if (at > start && header.charAt(0) != 0) {
                base.log().print(KernLevels.KERN_ERR + "rootfs: no header of cpio's format newc at byte "
                        + (at - start) + " of the archive; the files after it are lost");
            }
            return null;
        }
        long[] fields = new long[(HEADER - MAGIC) / DIGITS];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = Long.parseLong(header.substring(MAGIC + DIGITS * i, MAGIC + DIGITS * (i + 1)), 16);
        }
        long pathBytes = fields[11];
        long data = aligned(at + HEADER + pathBytes);
        long next = aligned(data + fields[6]);
        if (pathBytes < 1 || pathBytes > MAX_PATH || next > aligned(end)) {
            base.log().print(KernLevels.KERN_ERR + "rootfs: the file at byte " + (at - start)
                    + " of the archive is longer than the archive");
            return null;
        }
        long path = at + HEADER;
        int length = (int) pathBytes - 1;
        return text(path, length).equals(END) ? null : new Entry(fields, path, length, data, next);
    }

    /** Rounds up to 4 bytes, counted from the start of the archive. */
    private long aligned(long address) {
        return start + (address - start + 3 & -4);
    }

    private String text(long at, int length) {
        byte[] bytes = new byte[length];
        memory.read(at, bytes, 0, length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
