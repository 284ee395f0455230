package ferrite.kernel.shell;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Files;

/**
 * One run of {@code dd}: two open files, and the counts of copied blocks, as coreutils' {@code dd_copy} has them. A
 * read that ends early is a partial block. With {@code bs=} it is written as it is; otherwise the bytes are collected
 * to output blocks.
 *
 * <p>As in coreutils, the program looks for a signal after each call. After a signal it writes the bytes already read,
 * closes the files, prints the counts so far, and ends.
 */
final class DdCopy {

    private static final int STANDARD_OUTPUT = 1;
    private static final int BUFFER_ORDER = 4;

    private final CommandContext context;
    private final Files files;
    private final DdOperands operands;
    private final long input;
    /** Where bytes wait until an output block is complete; the input buffer itself if blocks are written as read. */
    private long output;
    /** The bytes in {@link #output}, and those of the output block, of which some may have been written. */
    private int waiting;
    private long inBlock;
    private long wholeIn;
    private long partialIn;
    private long wholeOut;
    private long partialOut;
    private long bytes;
    /** The number of bytes to copy; negative if it is not known. */
    private long total = -1;
    private boolean hasPositions;
    private int signal;
    private int status;
    private int readError;
    private int writeError;
    /** The bytes of the last input block, if it was a partial one. */
    private long lastPartial;
    private long lastRead;
    private boolean warns;

    DdCopy(CommandContext context, DdOperands operands) {
        this.context = context;
        this.files = context.kernel().files();
        this.operands = operands;
        this.input = context.buffer();
        this.warns = operands.warnsOfPartialReads();
    }

    int run() {
        int from = operands.input() == null ? CommandContext.STDIN
                : HostFile.open(context, operands.input(), Fcntl.O_RDONLY | operands.inputFlags());
        if (from < 0) {
            return failedToOpen(operands.input(), from);
        }
        int to = operands.output() == null ? STANDARD_OUTPUT
                : HostFile.open(context, operands.output(), Fcntl.O_WRONLY | operands.outputFlags());
        if (to < 0) {
            closeInput(from);
            return failedToOpen(operands.output(), to);
        }
        output = operands.collects() ? context.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, BUFFER_ORDER) : input;
        if (output == 0) {
            context.fail("memory exhausted");
            closeInput(from);
            closeOutput(to);
            return 1;
        }
        long start = context.kernel().base().cpu().time();
        copy(from, to);
        if (operands.collects()) {
            context.kernel().calls().freePages(output, BUFFER_ORDER);
        }
        closeInput(from);
        int closed = closeOutput(to);
        writeError = writeError < 0 ? writeError : closed;
        report(context.kernel().base().cpu().time() - start);
        if (signal != 0) {
            throw new Terminated(signal);
        }
        return status;
    }

    private void closeInput(int from) {
        if (operands.input() != null) {
            files.close(from);
        }
    }

    private int closeOutput(int to) {
        return operands.output() == null ? 0 : files.close(to);
    }

    private int failedToOpen(String path, int errno) {
        return context.fail("failed to open '" + path + "': " + HostFile.message(path, errno));
    }

    /** The input's name in messages. */
    private String inputName() {
        return operands.input() == null ? "standard input" : operands.input();
    }

    /** Returns a name with quotes if a shell would need them. */
    private static String quotedIfNeeded(String name) {
        return name.matches("[A-Za-z0-9_./:+,@%-]+") ? name : "'" + name + "'";
    }

    private void fails(String message) {
        context.fail(message);
        status = 1;
    }

    private void copy(int from, int to) {
        hasPositions = files.lseek(from, 0, Fcntl.SEEK_CUR) >= 0;
        if (!skip(from) || operands.output() != null && !seek(to)) {
            return;
        }
        total = total(from);
        boolean more = true;
        while (more && writeError == 0 && signal == 0) {
            long block = operands.bytesOfBlock(wholeIn + partialIn);
            more = block > 0 && copyBlock(from, to, block);
        }
        if (waiting > 0 && writeError == 0) {          // the last output block
            write(to);
            partialOut += writeError == 0 ? 1 : 0;
        }
    }

    // ---- places ----

    /**
     * Returns whether the copy can begin. Bytes of a file without positions are read and dropped. An input that ends
     * before is no failure: there is nothing to copy.
     */
    private boolean skip(int from) {
        long left = operands.skipBytes();
        if (left == 0) {
            return true;
        }
        if (hasPositions) {
            long result = files.lseek(from, left, Fcntl.SEEK_CUR);
            if (result < 0) {
                fails(quotedIfNeeded(inputName()) + ": cannot skip: " + Errno.message((int) result));
            } else if (files.size(from) >= 0 && files.size(from) < result) {
                tellShortInput();
            }
            return result >= 0;
        }
        boolean isShort = false;
        while (left > 0 && signal == 0) {
            long block = Math.min(left, operands.inputBlockBytes());
            long got = read(from, block, false, 0);
            if (got < 0) {
                tellReadError();
                status = 1;
                return false;
            }
            left = got == 0 ? 0 : left - block;        // a partial read counts as a block
            isShort |= got < block;
        }
        if (isShort) {
            tellShortInput();
        }
        return signal == 0;
    }

    private void tellShortInput() {
        if (operands.tellsRecords()) {
            context.fail(quotedIfNeeded(inputName()) + ": cannot skip to specified offset");
        }
    }

    /** Returns whether the output is at its block. A file without positions has only the first one. */
    private boolean seek(int to) {
        long offset = operands.seekBytes();
        long result = offset == 0 ? 0 : files.lseek(to, offset, Fcntl.SEEK_CUR);
        if (result < 0) {
            fails(quotedIfNeeded(operands.output()) + ": cannot seek: " + Errno.message((int) result));
        }
        return result >= 0;
    }

    private long total(int from) {
        long size = files.size(from);
        long asked = operands.countBytes();
        if (size < 0) {
            return asked;
        }
        long left = Math.max(0, size - operands.skipBytes());
        return asked < 0 ? left : Math.min(left, asked);
    }

    // ---- input blocks ----

    /** Copies up to a block. Returns whether there may be more. */
    private boolean copyBlock(int from, int to, long wanted) {
        long size = operands.inputBlockBytes();
        long got = read(from, wanted, true, to);
        boolean pads = operands.converts("sync");
        if (got < 0) {
            if (!operands.converts("noerror")) {
                tellReadError();
                status = 1;
                return false;
            }
            boolean goesOn = passOverError(from, size - lastPartial);
            if (!pads || lastPartial != 0 || !goesOn) {
                return goesOn;
            }
            got = 0;
        } else if (got == 0) {
            return false;
        }
        wholeIn += got == size ? 1 : 0;
        partialIn += got < size ? 1 : 0;
        lastPartial = got < size ? got : 0;
        long copied = got;
        while (pads && copied < size && writeError == 0 && signal == 0) {
            int piece = (int) Math.min(CommandContext.BUFFER_BYTES, size - copied);
            context.kernel().base().memory().fill(input, 0, piece);
            take(to, piece);
            copied += piece;
        }
        if (!operands.collects()) {
            wholeOut += copied == size && writeError == 0 ? 1 : 0;
            partialOut += copied < size && writeError == 0 ? 1 : 0;
        }
        return true;
    }

    /**
     * Reads once, as {@code read} does with a buffer of any size, or until there is no more ({@code fullblock}).
     *
     * @param copies whether each piece is copied to the output; otherwise the bytes are dropped
     * @return the number of bytes; 0 at the end; negative after an error, see {@link #readError}
     */
    private long read(int from, long wanted, boolean copies, int to) {
        long got = 0;
        boolean more = true;
        while (more && got < wanted && writeError == 0 && signal == 0) {
            int piece = (int) Math.min(CommandContext.BUFFER_BYTES, wanted - got);
            int length = files.read(from, input, piece);
            signal = context.takeSignal();
            if (length < 0) {
                readError = length == -Errno.EINTR ? 0 : length;
                return got > 0 || readError == 0 ? got : -1;
            }
            got += length;
            if (copies && length > 0) {
                take(to, length);
            }
            more = length > 0 && (operands.readsFullBlocks() || hasPositions && length == piece);
        }
        warnOfPartialRead(got);
        return got;
    }

    private void warnOfPartialRead(long got) {
        if (warns && got > 0) {
            if (lastRead > 0 && lastRead < operands.inputBlockBytes()) {
                if (operands.tellsRecords()) {
                    context.fail("warning: partial read (" + lastRead + (lastRead == 1 ? " byte" : " bytes")
                            + "); suggest iflag=fullblock");
                }
                warns = false;
            }
            lastRead = got;
        }
    }

    /** After {@code conv=noerror}, passes over the rest of a block that cannot be read. */
    private boolean passOverError(int from, long rest) {
        if (operands.tellsRecords()) {
            tellReadError();
            tellRecords();
        }
        if (!hasPositions) {
            return true;
        }
        long result = files.lseek(from, rest, Fcntl.SEEK_CUR);
        if (result < 0) {
            fails(quotedIfNeeded(inputName()) + ": cannot seek: " + Errno.message((int) result));
        }
        return result >= 0;
    }

    private void tellReadError() {
        context.fail("error reading '" + inputName() + "': " + Errno.message(readError));
        readError = 0;
    }

    // ---- output blocks ----

    /** Takes bytes from the input buffer. */
    private void take(int to, int length) {
        if (!operands.collects()) {
            waiting = length;
            write(to);
            context.progress(bytes, total);
            return;
        }
        int done = 0;
        while (done < length && writeError == 0) {
            int room = (int) Math.min(CommandContext.BUFFER_BYTES - waiting, operands.outputBlockBytes() - inBlock);
            int piece = Math.min(room, length - done);
            context.kernel().base().memory().copy(output + waiting, input + done, piece);
            waiting += piece;
            inBlock += piece;
            done += piece;
            if (inBlock == operands.outputBlockBytes()) {
                write(to);
                wholeOut += writeError == 0 ? 1 : 0;
                inBlock = 0;
            } else if (waiting == CommandContext.BUFFER_BYTES) {
                write(to);
            }
        }
        context.progress(bytes, total);
    }

    /** Writes the bytes that wait. */
    private void write(int to) {
        int done = 0;
        while (done < waiting && writeError == 0) {
            int put = files.write(to, output + done, waiting - done);
            if (put == -Errno.EINTR) {
                signal = context.takeSignal();
                break;
            }
            writeError = put == 0 ? -Errno.ENOSPC : Math.min(put, 0);
            done += Math.max(put, 0);
        }
        bytes += done;
        if (operands.collects() && writeError != 0 && done > 0) {
            partialOut++;                              // as coreutils counts it, without bs= only
        }
        waiting = 0;
    }

    // ---- the end ----

    private void report(long ticks) {
        if (writeError < 0) {
            fails("error writing '" + (operands.output() == null ? "standard output" : operands.output()) + "': "
                    + Errno.message(writeError));
        }
        if (operands.tellsRecords()) {
            tellRecords();
            context.err(operands.tellsSpeed() ? speed(ticks) : "");
        }
    }

    private void tellRecords() {
        context.err(wholeIn + "+" + partialIn + " records in\n" + wholeOut + "+" + partialOut + " records out\n");
    }

    private String speed(long ticks) {
        long micros = Math.max(1, ticks / Clock.TICKS_PER_MICROSECOND);
        return bytes + (bytes == 1 ? " byte" : " bytes") + " copied, " + seconds(micros) + " s, "
                + tenths(bytes * 10 / micros) + " MB/s\n";
    }

    private static String seconds(long micros) {
        return micros / 1_000_000 + "." + Long.toString(1_000_000 + micros % 1_000_000).substring(1);
    }

    private static String tenths(long tenths) {
        return tenths / 10 + "." + tenths % 10;
    }
}
