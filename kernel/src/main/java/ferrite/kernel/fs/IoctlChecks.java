package ferrite.kernel.fs;

import ferrite.hardware.report.Hex;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.check.Rule;
import ferrite.kernel.core.KernelBase;
import java.util.HashMap;
import java.util.Map;

/**
 * Checks that an ioctl copies as its number says: in the direction, and at most the size. A number without a direction
 * says nothing, because older commands are plain numbers. Copies elsewhere than at the argument are not judged: the
 * argument may hold addresses, and bytes may follow it. Only looks.
 */
@Plumbing
public final class IoctlChecks {

    private record Call(int command, long argument) { }

    private final KernelBase base;
    private final boolean wanted;
    /** The ioctl that each task is in. Only reports use it; it need not survive a snapshot. */
    private final Map<Long, Call> calls = new HashMap<>();

    IoctlChecks(KernelBase base) {
        this.base = base;
        this.wanted = base.violations().checks(Rule.IOCTL_NUMBER);
    }

    /** Records that the current task's driver is given a command. */
    void begins(int command, long argument) {
        if (wanted && Ioctl._IOC_DIR(command) != Ioctl._IOC_NONE) {
            calls.put(base.cpu().tp(), new Call(command, argument));
        }
    }

    void ended(long task) {
        if (!calls.isEmpty()) {
            calls.remove(task);
        }
    }

    /**
     * Checks a copy between the kernel and the program, if it is one of an ioctl.
     *
     * @param name   {@code copy_to_user} or one of its kin
     * @param user   the program's address
     * @param toUser whether the program gets the bytes
     */
    public void copies(String name, long user, int bytes, boolean toUser) {
        Call call = calls.isEmpty() ? null : calls.get(base.cpu().tp());
        int size = call == null ? 0 : Ioctl._IOC_SIZE(call.command);
        if (call == null || user < call.argument || user >= call.argument + size) {
            return;
        }
        boolean wrongWay = (Ioctl._IOC_DIR(call.command) & (toUser ? Ioctl._IOC_READ : Ioctl._IOC_WRITE)) == 0;
        if (wrongWay || user + bytes > call.argument + size) {
            base.violations().of(Rule.IOCTL_NUMBER, name + " of " + bytes + " bytes at the argument of ioctl "
                    + Hex.address(Integer.toUnsignedLong(call.command)) + ", whose number says that the program "
                    + (wrongWay ? "only " : "") + direction(call.command) + " " + size + " bytes there")
                    .line("why", wrongWay ? "a program trusts the direction: " + (toUser ? "it does not expect its "
                            + "bytes to change" : "it has not set these bytes")
                            : "a program's buffer has the size of the number, and its other variables follow it")
                    .line("instead", Rule.IOCTL_NUMBER.right()).address("va", user).number("bytes", bytes).report();
        }
    }

    private static String direction(int command) {
        return switch (Ioctl._IOC_DIR(command)) {
            case Ioctl._IOC_READ -> "reads";
            case Ioctl._IOC_WRITE -> "writes";
            default -> "reads and writes";
        };
    }
}
