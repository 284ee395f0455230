package ferrite.kernel.fs;

import static ferrite.kernel.fs.SeqFileLayout.BUF;
import static ferrite.kernel.fs.SeqFileLayout.BUF_BYTES;
import static ferrite.kernel.fs.SeqFileLayout.COUNT;
import static ferrite.kernel.fs.SeqFileLayout.FROM;
import static ferrite.kernel.fs.SeqFileLayout.INDEX;
import static ferrite.kernel.fs.SeqFileLayout.OP;
import static ferrite.kernel.fs.SeqFileLayout.READ_POS;
import static ferrite.kernel.fs.SeqFileLayout.SHOW;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.vm.UserMemory;
import java.nio.charset.StandardCharsets;

/**
 * {@code seq_file} (LDD3 pages 87-91): text that is made record by record, in a buffer that grows until a record fits.
 * A read shows as many records as it has room for; the rest of the last one stays in the buffer for the next read.
 */
public final class SeqFiles {

    /** A record with more text than this is an error. */
    static final int MAX_BYTES = 4 << 20;

    private final KernelMemory memory;
    private final UserMemory user;
    private final TextTable text;
    private final Kmalloc kmalloc;
    private final long singleOperations;

    SeqFiles(KernelBase base, UserMemory user, Kmalloc kmalloc, TextTable.Module module) {
        this.memory = base.memory();
        this.user = user;
        this.text = base.text();
        this.kmalloc = kmalloc;
        this.singleOperations = module.add("single_ops", new Single());
    }

    /** The one record of a file of {@code single_open}. */
    private final class Single implements SeqOperations {

        @Override
        public long start(long seq, long position) {
            return position == 0 ? SEQ_START_TOKEN : 0;
        }

        @Override
        public long next(long seq, long record, long position) {
            return 0;
        }

        @Override
        public int show(long seq, long record) {
            return text.at(SHOW.get(memory, seq), SeqShow.class).show(seq);
        }
    }

    // ---- opening ----

    /**
     * {@code seq_open}: the file's private word is the seq_file's address afterwards. May sleep.
     *
     * @param operations text address of {@link SeqOperations}
     * @return 0 or {@code -ENOMEM}
     */
    public int open(long file, long operations) {
        long seq = kmalloc.kzalloc(SeqFileLayout.SIZE, Gfp.GFP_KERNEL);
        if (seq == 0) {
            return -Errno.ENOMEM;
        }
        OP.set(memory, seq, operations);
        SeqFileLayout.FILE.set(memory, seq, file);
        FileLayout.PRIVATE.set(memory, file, seq);
        return 0;
    }

    /**
     * {@code single_open}: a file with one record. May sleep.
     *
     * @param show text address of {@link SeqShow}
     * @param data the private word of the seq_file
     */
    public int openSingle(long file, long show, long data) {
        int result = open(file, singleOperations);
        if (result == 0) {
            long seq = FileLayout.PRIVATE.get(memory, file);
            SHOW.set(memory, seq, show);
            SeqFileLayout.PRIVATE.set(memory, seq, data);
        }
        return result;
    }

    /** {@code seq_release} and {@code single_release}. Returns 0. */
    public int release(long file) {
        long seq = FileLayout.PRIVATE.get(memory, file);
        kmalloc.kfree(BUF.get(memory, seq));
        kmalloc.kfree(seq);
        return 0;
    }

    // ---- making text ----

    /** {@code seq_puts}: adds text to the record. */
    public void puts(long seq, String added) {
        byte[] bytes = added.getBytes(StandardCharsets.UTF_8);
        if (hasRoom(seq, bytes.length)) {
            memory.write(BUF.get(memory, seq) + COUNT.get(memory, seq), bytes, 0, bytes.length);
            COUNT.add(memory, seq, bytes.length);
        }
    }

    /** {@code seq_write}: adds bytes to the record. Returns 0, or -1 if they do not fit. */
    public int write(long seq, long from, int bytes) {
        if (!hasRoom(seq, bytes)) {
            return -1;
        }
        memory.copy(BUF.get(memory, seq) + COUNT.get(memory, seq), from, bytes);
        COUNT.add(memory, seq, bytes);
        return 0;
    }

    /** Marks the buffer as too small if the bytes do not fit. */
    private boolean hasRoom(long seq, int bytes) {
        boolean fits = COUNT.get(memory, seq) + (long) bytes < BUF_BYTES.get(memory, seq);
        if (!fits) {
            COUNT.set(memory, seq, BUF_BYTES.get(memory, seq));
        }
        return fits;
    }

    private boolean hasOverflowed(long seq) {
        return COUNT.get(memory, seq) == BUF_BYTES.get(memory, seq);
    }

    private boolean makeBuffer(long seq, int bytes) {
        BUF_BYTES.set(memory, seq, bytes);
        BUF.set(memory, seq, bytes > MAX_BYTES ? 0 : kmalloc.kmalloc(bytes, Gfp.GFP_KERNEL));
        COUNT.set(memory, seq, 0);
        return BUF.get(memory, seq) != 0;
    }

    private boolean growBuffer(long seq) {
        kmalloc.kfree(BUF.get(memory, seq));
        return makeBuffer(seq, 2 * BUF_BYTES.get(memory, seq));
    }

    private boolean hasBuffer(long seq) {
        return BUF.get(memory, seq) != 0 || makeBuffer(seq, AddressSpace.PAGE_SIZE);
    }

    private SeqOperations operations(long seq) {
        return text.at(OP.get(memory, seq), SeqOperations.class);
    }

    private long start(long seq) {
        return operations(seq).start(seq, INDEX.get(memory, seq));
    }

    private long next(long seq, long record) {
        INDEX.add(memory, seq, 1);
        return operations(seq).next(seq, record, INDEX.get(memory, seq));
    }

    private void stop(long seq, long record) {
        operations(seq).stop(seq, record);
    }

    /** Shows a record. Returns 0 or a negative errno. A record that is skipped leaves no text. */
    private int show(long seq, long record) {
        int before = COUNT.get(memory, seq);
        int result = operations(seq).show(seq, record);
        if (result > 0) {
            COUNT.set(memory, seq, before);
        }
        return Math.min(result, 0);
    }

    // ---- reading ----

    /** {@code seq_read}. Returns the number of bytes, 0 at the end, or a negative errno. May sleep. */
    public int read(long file, long to, int count, long position) {
        long seq = FileLayout.PRIVATE.get(memory, file);
        if (position == 0) {
            INDEX.set(memory, seq, 0);
            COUNT.set(memory, seq, 0);
        }
        int result = position == READ_POS.get(memory, seq) ? 0 : goTo(seq, position);
        if (result < 0 || !hasBuffer(seq)) {
            return result < 0 ? result : -Errno.ENOMEM;
        }
        int copied = take(seq, to, count);
        if (copied >= 0 && copied < count && COUNT.get(memory, seq) == 0) {
            result = showRecords(seq, count - copied);
            int more = take(seq, to + copied, count - copied);
            copied = more < 0 ? copied == 0 ? more : copied : copied + more;
        }
        if (copied < 0) {
            return copied;
        }
        READ_POS.add(memory, seq, copied);
        return copied == 0 ? result : copied;
    }

    /** Takes text out of the buffer. Returns the number of bytes, or {@code -EFAULT}. */
    private int take(long seq, long to, int count) {
        int bytes = Math.min(COUNT.get(memory, seq), count);
        if (bytes > 0) {
            if (user.copyToUser(to, BUF.get(memory, seq) + FROM.get(memory, seq), bytes) != 0) {
                return -Errno.EFAULT;
            }
            COUNT.add(memory, seq, -bytes);
            FROM.add(memory, seq, bytes);
        }
        return bytes;
    }

    /** Shows a record that has text, and as many more as are wanted and fit. Returns 0 or a negative errno. */
    private int showRecords(long seq, int wanted) {
        FROM.set(memory, seq, 0);
        long record = start(seq);
        int result = 0;
        while (record > 0) {
            result = show(seq, record);
            if (result < 0) {
                break;
            }
            if (hasOverflowed(seq)) {
                stop(seq, record);
                if (!growBuffer(seq)) {
                    return -Errno.ENOMEM;
                }
                record = start(seq);
            } else if (COUNT.get(memory, seq) == 0) {
                record = next(seq, record);
            } else {
                stop(seq, showMore(seq, record, wanted));
                return 0;
            }
        }
        stop(seq, record);
        COUNT.set(memory, seq, 0);
        return record < 0 ? (int) record : result;
    }

    /** Shows the records after one that is in the buffer. Returns the record that comes next. */
    private long showMore(long seq, long first, int wanted) {
        long record = next(seq, first);
        while (record > 0 && COUNT.get(memory, seq) < wanted) {
            int before = COUNT.get(memory, seq);
            if (show(seq, record) < 0 || hasOverflowed(seq)) {
                COUNT.set(memory, seq, before);        // the next read shows it
                break;
            }
            record = next(seq, record);
        }
        return record;
    }

    /** Makes the text up to a position again, from the first record on. Returns 0 or a negative errno. */
    private int goTo(long seq, long position) {
        int result;
        do {
            INDEX.set(memory, seq, 0);
            COUNT.set(memory, seq, 0);
            FROM.set(memory, seq, 0);
            result = position == 0 ? 0 : hasBuffer(seq) ? traverse(seq, position) : -Errno.ENOMEM;
        } while (result == -Errno.EAGAIN);
        if (result < 0) {
            INDEX.set(memory, seq, 0);
            COUNT.set(memory, seq, 0);
        }
        READ_POS.set(memory, seq, result < 0 ? 0 : position);
        return result;
    }

    private int traverse(long seq, long position) {
        long at = 0;
        int result = 0;
        long record = start(seq);
        while (record > 0) {
            result = show(seq, record);
            if (result < 0) {
                break;
            }
            if (hasOverflowed(seq)) {
                stop(seq, record);
                return growBuffer(seq) ? -Errno.EAGAIN : -Errno.ENOMEM;
            }
            record = next(seq, record);
            int count = COUNT.get(memory, seq);
            if (at + count > position) {
                FROM.set(memory, seq, (int) (position - at));
                COUNT.add(memory, seq, (int) (at - position));
                break;
            }
            at += count;
            COUNT.set(memory, seq, 0);
            if (at == position) {
                break;
            }
        }
        stop(seq, record);
        return record < 0 ? (int) record : result;
    }

    /** {@code seq_lseek}. Returns the new position, or a negative errno. May sleep. */
    public long lseek(long file, long offset, int whence) {
        long seq = FileLayout.PRIVATE.get(memory, file);
        long position = whence == Fcntl.SEEK_CUR ? FileLayout.POSITION.get(memory, file) + offset : offset;
        if (whence == Fcntl.SEEK_END || position < 0) {
            return -Errno.EINVAL;
        }
        int result = position == READ_POS.get(memory, seq) ? 0 : goTo(seq, position);
        FileLayout.POSITION.set(memory, file, result < 0 ? 0 : position);
        return result < 0 ? result : position;
    }
}
