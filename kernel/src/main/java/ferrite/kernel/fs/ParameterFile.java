package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.vm.UserMemory;
import java.nio.charset.StandardCharsets;

/** An open file of a driver's parameter. Its data is the interned string {@code MODULE/PARAMETER}. */
final class ParameterFile implements FileOperations {

    /** Values are shorter than this. */
    static final int MAX_VALUE = 64;

    private final KernelMemory memory;
    private final UserMemory user;
    private final ModuleParameters parameters;

    ParameterFile(KernelMemory memory, UserMemory user, ModuleParameters parameters) {
        this.memory = memory;
        this.user = user;
        this.parameters = parameters;
    }

    private String[] names(long file) {
        return StringTable.read(memory, FileLayout.DATA.get(memory, file)).split("/");
    }

    @Override
    public int open(long file) {
        String[] names = names(file);
        int mode = parameters.parameters(names[0]).stream().filter(node -> node.name().equals(names[1])).findFirst()
                .orElseThrow().mode();
        boolean writes = (FileLayout.MODE.get(memory, file) & Fcntl.FMODE_WRITE) != 0;
        return writes && (mode & 0222) == 0 ? -Errno.EACCES : 0;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        String[] names = names(file);
        byte[] bytes = (parameters.get(names[0], names[1]) + "\n").getBytes(StandardCharsets.UTF_8);
        int length = (int) Math.max(0, Math.min(count, bytes.length - position));
        return UserMemory.orFault(user.write(to, bytes, length == 0 ? 0 : (int) position, length), length);
    }

    @Override
    public int write(long file, long from, int count, long position) {
        if (count > MAX_VALUE) {
            return -Errno.EINVAL;
        }
        byte[] bytes = new byte[count];
        if (user.read(from, bytes, 0, count) != 0) {
            return -Errno.EFAULT;
        }
        String[] names = names(file);
        int result = parameters.set(names[0], names[1], new String(bytes, StandardCharsets.UTF_8).strip());
        return result < 0 ? result : count;
    }
}
