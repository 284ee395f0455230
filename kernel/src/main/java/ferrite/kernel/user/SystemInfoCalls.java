package ferrite.kernel.user;

import ferrite.kernel.base.Errno;
import ferrite.kernel.base.UtsName;
import ferrite.kernel.fs.Files;
import ferrite.kernel.vm.UserMemory;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code uname}, {@code getrandom}, limits, and the names of users, of which there is only root. */
final class SystemInfoCalls {

    private static final int NAME = 65;
    private static final int GRND_FLAGS = 7;
    private static final int RLIMIT_STACK = 3;
    private static final int RLIMIT_NOFILE = 7;
    private static final int RLIMITS = 16;
    private static final int UMASK = 022;

    private final UserMemory user;
    private final Files files;

    SystemInfoCalls(UserServices services) {
        this.user = services.space().memory();
        this.files = services.files();
    }

    void addTo(SystemCalls calls) {
        calls.add(160, x -> uname(x.pointer(0)));
        calls.add(166, x -> UMASK);
        for (int number = 174; number <= 177; number++) {
            calls.add(number, x -> 0);                 // getuid, geteuid, getgid, getegid
        }
        calls.add(261, this::prlimit64);
        calls.add(278, this::getrandom);
    }

    private long uname(long to) {
        List<String> names = List.of(UtsName.SYSNAME, UtsName.NODENAME, UtsName.RELEASE, UtsName.VERSION,
                UtsName.MACHINE, UtsName.DOMAINNAME);
        byte[] bytes = new byte[names.size() * NAME];
        for (int i = 0; i < names.size(); i++) {
            byte[] name = names.get(i).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(name, 0, bytes, i * NAME, name.length);
        }
        return UserMemory.orFault(user.write(to, bytes, 0, bytes.length), 0);
    }

    private long getrandom(Registers x) {
        if ((x.argument(2) & ~GRND_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        return files.random().fillUser(user, x.pointer(0), (int) Math.min(x.pointer(1), Integer.MAX_VALUE));
    }

    /** Tells limits. They cannot be changed. */
    private long prlimit64(Registers x) {
        int resource = x.argument(1);
        if (resource < 0 || resource >= RLIMITS) {
            return -Errno.EINVAL;
        }
        if (x.pointer(2) != 0) {
            return -Errno.EPERM;
        }
        int low = resource == RLIMIT_STACK ? 8 << 20 : resource == RLIMIT_NOFILE ? 32 : -1;
        int high = low == -1 ? -1 : 0;
        return x.pointer(3) == 0 || user.put32s(x.pointer(3), low, high, low, high) ? 0 : -Errno.EFAULT;
    }
}
