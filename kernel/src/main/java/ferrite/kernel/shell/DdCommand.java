package ferrite.kernel.shell;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Files;

/** {@code dd}: coreutils' operands and record counts. Time is the machine's. */
final class DdCommand implements Command {

    @Override
    public String name() {
        return "dd";
    }

    @Override
    public String usage() {
        return "dd [if=PATH] [of=PATH] [bs=BYTES] [count=BLOCKS] [skip=BLOCKS] [seek=BLOCKS] "
                + "[conv=WORD,...] [iflag=WORD,...] [oflag=WORD,...] [status=WORD]";
    }

    @Override
    public String options() {
        return "";
    }

    @Override
    public String summary() {
        return "copy blocks of a file to another, or to standard output";
    }

    @Override
    public String example() {
        return "dd if=/dev/disk0 bs=512 count=1 | hexdump -C";
    }

    @Override
    public int run(CommandContext context) {
        DdOperands operands = new DdOperands();
        for (String word : context.letters(this).operands()) {
            String refusal = operands.add(word);
            if (refusal != null) {
                return context.fail(refusal) + 1;
            }
        }
        if (operands.input() == null && !context.hasInput()) {
            return context.fail("missing if= operand; usage: " + usage()) + 1;
        }
        if (operands.output() == null && operands.seekBytes() != 0) {
            return context.fail("seek= needs of=: standard output has no positions") + 1;
        }
        String tooLarge = operands.tooLarge();
        return tooLarge != null ? context.fail(tooLarge + "=: the offset is too large")
                : new Copy(context, operands).run();
    }

    /**
     * One run of dd: two open files, and the counts of copied blocks. As in coreutils, the program looks for a signal
     * after each call. After a signal it writes the bytes already read, closes the files, prints the counts so far, and
     * ends.
     */
    private static final class Copy {

        private static final int STANDARD_OUTPUT = 1;

        private final CommandContext context;
        private final Files files;
        private final DdOperands operands;
        private long wholeIn;
        private long partialIn;
        private long wholeOut;
        private long partialOut;
        private long bytes;
        /** The number of bytes to copy; negative if it is not known. */
        private long total = -1;
        private int signal;
        private boolean failed;
        private int readError;
        private int writeError;

        Copy(CommandContext context, DdOperands operands) {
            this.context = context;
            this.files = context.kernel().files();
            this.operands = operands;
        }

        int run() {
            int from = operands.input() == null ? CommandContext.STDIN
                    : files.open(operands.input(), Fcntl.O_RDONLY | operands.inputFlags());
            if (from < 0) {
                return failedToOpen(operands.input(), from);
            }
            int to = operands.output() == null ? STANDARD_OUTPUT
                    : files.open(operands.output(), Fcntl.O_WRONLY | operands.outputFlags());
            if (to < 0) {
                closeInput(from);
                return failedToOpen(operands.output(), to);
            }
            long start = context.kernel().base().cpu().time();
            copy(from, to);
            closeInput(from);
            if (operands.output() != null) {
                int closed = files.close(to);
                writeError = writeError < 0 ? writeError : closed;
            }
            int status = report(context.kernel().base().cpu().time() - start);
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

        /** The input's name in messages. */
        private String inputName() {
            return operands.input() == null ? "standard input" : operands.input();
        }

        private int failedToOpen(String path, int errno) {
            return context.fail("failed to open '" + path + "': " + Errno.message(errno));
        }

        private void copy(int from, int to) {
            if (!skip(from)
                    || operands.output() != null && !seek(to, "seek", operands.output(), operands.seekBytes())) {
                return;
            }
            total = total(from);
            boolean more = true;
            while (more && writeError == 0 && signal == 0) {
                long block = operands.bytesOfBlock(wholeIn + partialIn);
                long got = block == 0 ? 0 : copyBlock(from, to, block);
                wholeIn += got == operands.blockBytes() ? 1 : 0;
                partialIn += got > 0 && got < operands.blockBytes() ? 1 : 0;
                more = readError == 0 ? got > 0 : goesOnAfterError(from, got);
            }
        }

        /** After {@code conv=noerror}, passes over the rest of a block that cannot be read. */
        private boolean goesOnAfterError(int from, long got) {
            long end = operands.skipBytes() + total;
            if (!operands.converts("noerror") || total < 0
                    || files.lseek(from, operands.blockBytes() - got, Fcntl.SEEK_CUR) < 0) {
                return false;
            }
            tellReadError();
            readError = 0;
            partialIn += got == 0 && operands.converts("sync") ? 1 : 0;
            return files.lseek(from, 0, Fcntl.SEEK_CUR) < end;
        }

        /**
         * Returns whether the input is at its block. Bytes of a file without positions are read and dropped. An input
         * that ends before is no failure: there is nothing to copy.
         */
        private boolean skip(int from) {
            long left = operands.skipBytes();
            if (left == 0) {
                return true;
            }
            if (files.lseek(from, 0, Fcntl.SEEK_CUR) != -Errno.ESPIPE) {
                long size = files.size(from);
                return seek(from, "skip", inputName(), left) && (size < 0 || size >= left || tellShortInput());
            }
            int got = 1;
            while (left > 0 && got > 0 && signal == 0) {
                got = files.read(from, context.buffer(), (int) Math.min(CommandContext.BUFFER_BYTES, left));
                signal = context.takeSignal();
                left -= Math.max(got, 0);
            }
            readError = got == -Errno.EINTR ? 0 : Math.min(got, 0);
            return readError == 0 && (left == 0 || signal != 0 || tellShortInput());
        }

        private boolean tellShortInput() {
            if (operands.tellsRecords()) {
                context.fail("'" + inputName() + "': cannot skip to specified offset");
            }
            return true;
        }

        /** Returns whether a file is at its block. A file without positions has only the first one. */
        private boolean seek(int descriptor, String verb, String path, long offset) {
            long result = offset == 0 ? 0 : files.lseek(descriptor, offset, Fcntl.SEEK_SET);
            if (result < 0) {
                context.fail("'" + path + "': cannot " + verb + ": " + Errno.message((int) result));
                failed = true;
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

        /** Copies up to a block. Returns the number of bytes read, 0 at the end or after an error. */
        private long copyBlock(int from, int to, long block) {
            long read = 0;
            long written = 0;
            while (read < block && writeError == 0 && signal == 0) {
                int piece = (int) Math.min(CommandContext.BUFFER_BYTES, block - read);
                int got = files.read(from, context.buffer(), piece);
                signal = context.takeSignal();
                if (got <= 0) {
                    readError = got == -Errno.EINTR ? 0 : Math.min(got, 0);
                    break;
                }
                read += got;
                written += writeAll(to, got);
                context.progress(bytes + written, total);
            }
            if (operands.converts("sync") && (read > 0 || readError < 0 && operands.converts("noerror"))) {
                written += pad(to, operands.blockBytes() - read);
            }
            wholeOut += written == operands.blockBytes() ? 1 : 0;
            // coreutils counts the bytes of a failed block, but not the block
            partialOut += written > 0 && written < operands.blockBytes() && writeError == 0 ? 1 : 0;
            bytes += written;
            return read;
        }

        /** Writes zeros, the rest of an input block that ended early. */
        private long pad(int to, long length) {
            long done = 0;
            while (done < length && writeError == 0 && signal == 0) {
                int piece = (int) Math.min(CommandContext.BUFFER_BYTES, length - done);
                context.kernel().base().memory().fill(context.buffer(), 0, piece);
                done += writeAll(to, piece);
            }
            return done;
        }

        private long writeAll(int to, int length) {
            int done = 0;
            while (done < length && writeError == 0) {
                int put = files.write(to, context.buffer() + done, length - done);
                if (put == -Errno.EINTR) {
                    signal = context.takeSignal();
                    break;
                }
                writeError = Math.min(put, 0);
                done += Math.max(put, 0);
            }
            return done;
        }

        private int report(long ticks) {
            if (readError < 0) {
                tellReadError();
            }
            if (writeError < 0) {
                String where = operands.output() == null ? "standard output" : "'" + operands.output() + "'";
                context.fail("error writing " + where + ": " + Errno.message(writeError));
                failed = true;
            }
            if (operands.tellsRecords()) {
                context.err(wholeIn + "+" + partialIn + " records in\n" + wholeOut + "+" + partialOut
                        + " records out\n" + (operands.tellsSpeed() ? speed(ticks) : ""));
            }
            return failed ? 1 : 0;
        }

        private void tellReadError() {
            context.fail("error reading '" + inputName() + "': " + Errno.message(readError));
            failed = true;
        }

        private String speed(long ticks) {
            long micros = Math.max(1, ticks / Clock.TICKS_PER_MICROSECOND);
            return bytes + " bytes copied, " + seconds(micros) + " s, " + tenths(bytes * 10 / micros) + " MB/s\n";
        }

        private static String seconds(long micros) {
            return micros / 1_000_000 + "." + Long.toString(1_000_000 + micros % 1_000_000).substring(1);
        }

        private static String tenths(long tenths) {
            return tenths / 10 + "." + tenths % 10;
        }
    }
}
