package ferrite.kernel.shell;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Files;
import ferrite.kernel.fs.HostOpenLayout;
import java.nio.charset.StandardCharsets;

/** The operands of {@code cp} and {@code dd}: paths, and names of the host's files as {@code host:FILE}. */
final class HostFile {

    private static final String PREFIX = "host:";
    private static final String DEVICE = "/dev/hostfs";

    private HostFile() { }

    /**
     * Opens an operand.
     *
     * @param flags {@link Fcntl#O_CREAT} among them, which makes a file of the host that is not there
     * @return a descriptor, or a negative {@link Errno}; {@code -ENODEV} if the machine has no files of the host
     */
    static int open(CommandContext context, String operand, int flags) {
        Files files = context.kernel().files();
        if (!operand.startsWith(PREFIX)) {
            return files.open(operand, flags & ~Fcntl.O_CREAT);
        }
        byte[] name = operand.substring(PREFIX.length()).getBytes(StandardCharsets.UTF_8);
        if (name.length >= HostOpenLayout.NAME.count()) {
            return -Errno.ENAMETOOLONG;
        }
        int descriptor = files.open(DEVICE, flags & ~(Fcntl.O_TRUNC | Fcntl.O_CREAT));
        if (descriptor < 0) {
            return descriptor == -Errno.ENOENT ? -Errno.ENODEV : descriptor;
        }
        KernelMemory memory = context.kernel().base().memory();
        long argument = context.buffer();
        memory.fill(argument, 0, HostOpenLayout.SIZE);
        HostOpenLayout.FLAGS.set(memory, argument, flags & (Fcntl.O_TRUNC | Fcntl.O_CREAT));
        memory.write(HostOpenLayout.NAME.at(argument), name, 0, name.length);
        int result = files.ioctl(descriptor, HostOpenLayout.HOST_OPEN, argument);
        if (result < 0) {
            files.close(descriptor);
        }
        return result < 0 ? result : descriptor;
    }

    /** Returns the message of an error of {@link #open}. */
    static String message(String operand, int errno) {
        return Errno.message(errno) + (errno == -Errno.ENODEV && operand.startsWith(PREFIX)
                ? "; with --host-files DIR there are files of the host" : "");
    }
}
