package ferrite.kernel.shell;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Files;

/** {@code dd}: coreutils' operands and record counts. Time is the machine's. */
final class DdCommand implements Command {

    private static final long MAX_BYTES = 1L << 40;

    @Override
    public String name() {
        return "dd";
    }

    @Override
    public String usage() {
        return "dd [if=PATH] [of=PATH] [bs=BYTES] [count=BLOCKS] [skip=BLOCKS] [seek=BLOCKS]";
    }

    @Override
    public String summary() {
        return "copy blocks of a file to another, or to standard output";
    }

    /** The operands of the command line. */
    private static final class Operands {
        private String input;
        private String output;
        private long blockBytes = 512;
        private long count = Long.MAX_VALUE;
        private long skip;
        private long seek;
    }

    @Override
    public String example() {
        return "dd if=/dev/disk0 bs=512 count=1 | hexdump -C";
    }

    @Override
    public int run(CommandContext context) {
        Operands operands = new Operands();
        for (String word : context.arguments()) {
            if (!parse(operands, word)) {
                return context.fail(message(word)) + 1;
            }
        }
        if (operands.input == null && !context.hasInput()) {
            return context.fail("missing if= operand; usage: " + usage()) + 1;
        }
        if (operands.output == null && operands.seek != 0) {
            return context.fail("seek= needs of=: standard output has no positions") + 1;
        }
        long maxBlocks = MAX_BYTES / operands.blockBytes;
        if (operands.skip > maxBlocks || operands.seek > maxBlocks) {
            return context.fail((operands.skip > maxBlocks ? "skip" : "seek") + "=: the offset is too large");
        }
        return new Copy(context, operands).run();
    }

    private static String message(String word) {
        return word.matches("(bs|count|skip|seek)=.*")
                ? "invalid number: '" + word.substring(word.indexOf('=') + 1) + "'"
                : "unrecognized operand '" + word + "'";
    }

    private static boolean parse(Operands operands, String word) {
        int equals = word.indexOf('=');
        String value = word.substring(equals + 1);
        switch (equals < 0 ? "" : word.substring(0, equals)) {
            case "if" -> operands.input = value;
            case "of" -> operands.output = value;
            case "bs" -> operands.blockBytes = number(value);
            case "count" -> operands.count = number(value);
            case "skip" -> operands.skip = number(value);
            case "seek" -> operands.seek = number(value);
            default -> {
                return false;
            }
        }
        return operands.blockBytes > 0 && operands.count >= 0 && operands.skip >= 0 && operands.seek >= 0;
    }

    /** Parses a number with coreutils' suffixes; returns -1 if it is none. */
    private static long number(String text) {
        if (!text.matches("[0-9]{1,12}(c|w|b|K|k|KiB|kB|M|MiB|MB|G|GiB|GB)?")) {
            return -1;
        }
        String suffix = text.replaceAll("[0-9]", "");
        long factor = switch (suffix) {
            case "w" -> 2;
            case "b" -> 512;
            case "kB" -> 1000;
            case "K", "k", "KiB" -> 1 << 10;
            case "MB" -> 1_000_000;
            case "M", "MiB" -> 1 << 20;
            case "GB" -> 1_000_000_000;
            case "G", "GiB" -> 1 << 30;
            default -> 1;
        };
        long value = Long.parseLong(text.substring(0, text.length() - suffix.length()));
        return value > MAX_BYTES / factor ? -1 : value * factor;
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
        private final Operands operands;
        private long wholeIn;
        private long partialIn;
        private long wholeOut;
        private long partialOut;
        private long bytes;
        /** The number of bytes to copy; negative if it is not known. */
        private long total = -1;
        private int signal;
        private boolean seekFailed;
        private int readError;
        private int writeError;

        Copy(CommandContext context, Operands operands) {
            this.context = context;
            this.files = context.kernel().files();
            this.operands = operands;
        }

        int run() {
            int from = operands.input == null ? CommandContext.STDIN : files.open(operands.input, Fcntl.O_RDONLY);
            if (from < 0) {
                return failedToOpen(operands.input, from);
            }
            int to = operands.output == null ? STANDARD_OUTPUT
                    : files.open(operands.output, Fcntl.O_WRONLY | Fcntl.O_TRUNC);
            if (to < 0) {
                closeInput(from);
                return failedToOpen(operands.output, to);
            }
            long start = context.kernel().base().cpu().time();
            copy(from, to);
            closeInput(from);
            if (operands.output != null) {
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
            if (operands.input != null) {
                files.close(from);
            }
        }

        /** The input's name in messages. */
        private String inputName() {
            return operands.input == null ? "standard input" : operands.input;
        }

        private int failedToOpen(String path, int errno) {
            return context.fail("failed to open '" + path + "': " + Errno.message(errno));
        }

        private void copy(int from, int to) {
            if (!skip(from) || operands.output != null && !seek(to, operands.output, operands.seek)) {
                return;
            }
            total = total(from);
            long got = 1;
            while (wholeIn + partialIn < operands.count && got > 0 && writeError == 0 && signal == 0) {
                got = copyBlock(from, to);
                wholeIn += got == operands.blockBytes ? 1 : 0;
                partialIn += got > 0 && got < operands.blockBytes ? 1 : 0;
            }
        }

        /** Returns whether the input is at its block. Bytes of a file without positions are read and dropped. */
        private boolean skip(int from) {
            if (operands.skip == 0 || files.lseek(from, 0, Fcntl.SEEK_CUR) != -Errno.ESPIPE) {
                return seek(from, inputName(), operands.skip);
            }
            long left = operands.skip * operands.blockBytes;
            int got = 1;
            while (left > 0 && got > 0 && signal == 0) {
                got = files.read(from, context.buffer(), (int) Math.min(CommandContext.BUFFER_BYTES, left));
                signal = context.takeSignal();
                left -= Math.max(got, 0);
            }
            readError = got == -Errno.EINTR ? 0 : Math.min(got, 0);
            return readError == 0;
        }

        /** Returns whether the output is at its block. A file without positions has only the first one. */
        private boolean seek(int descriptor, String path, long block) {
            long result = block == 0 ? 0
                    : files.lseek(descriptor, block * operands.blockBytes, Fcntl.SEEK_SET);
            if (result < 0) {
                context.fail("'" + path + "': cannot seek: " + Errno.message((int) result));
                seekFailed = true;
            }
            return result >= 0;
        }

        private long total(int from) {
            long size = files.size(from);
            long asked = operands.count > MAX_BYTES / operands.blockBytes ? -1 : operands.count * operands.blockBytes;
            if (size < 0) {
                return asked;
            }
            long left = Math.max(0, size - operands.skip * operands.blockBytes);
            return asked < 0 ? left : Math.min(left, asked);
        }

        /** Copies up to a block. Returns the number of bytes read, 0 at the end or after an error. */
        private long copyBlock(int from, int to) {
            long read = 0;
            long written = 0;
            while (read < operands.blockBytes && writeError == 0 && signal == 0) {
                int piece = (int) Math.min(CommandContext.BUFFER_BYTES, operands.blockBytes - read);
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
            wholeOut += written == operands.blockBytes ? 1 : 0;
            // coreutils counts the bytes of a failed block, but not the block
            partialOut += written > 0 && written < operands.blockBytes && writeError == 0 ? 1 : 0;
            bytes += written;
            return read;
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
            int status = seekFailed ? 1 : 0;
            if (readError < 0) {
                status = context.fail("error reading '" + inputName() + "': " + Errno.message(readError));
            }
            if (writeError < 0) {
                String where = operands.output == null ? "standard output" : "'" + operands.output + "'";
                status = context.fail("error writing " + where + ": " + Errno.message(writeError));
            }
            long micros = Math.max(1, ticks / Clock.TICKS_PER_MICROSECOND);
            context.err(wholeIn + "+" + partialIn + " records in\n" + wholeOut + "+" + partialOut + " records out\n"
                    + bytes + " bytes copied, " + seconds(micros) + " s, " + tenths(bytes * 10 / micros) + " MB/s\n");
            return status;
        }

        private static String seconds(long micros) {
            return micros / 1_000_000 + "." + Long.toString(1_000_000 + micros % 1_000_000).substring(1);
        }

        private static String tenths(long tenths) {
            return tenths / 10 + "." + tenths % 10;
        }
    }
}
