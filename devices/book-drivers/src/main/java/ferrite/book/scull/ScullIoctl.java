package ferrite.book.scull;

import ferrite.book.quanta.ScullGlobalsLayout;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Word;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Ioctl;

/**
 * Obeys the commands of scull (LDD3 pages 143-147). They change the driver's variables; a device gets them when it is
 * emptied, a pipe when it is opened for the first time.
 */
final class ScullIoctl {

    private static final int WORD = 4;
    private static final int CAP_SYS_ADMIN = 21;

    private final ScullDriver driver;
    private final KernelCalls kernel;
    private final KernelMemory memory;

    ScullIoctl(ScullDriver driver) {
        this.driver = driver;
        this.kernel = driver.calls();
        this.memory = kernel.memory();
    }

    /** Obeys a command. Task context; may sleep. */
    int ioctl(int command, long argument) {
        int number = Ioctl._IOC_NR(command);
        if (number >= ScullCommands.ALL.size() || ScullCommands.ALL.get(number) != command) {
            return -Errno.ENOTTY;
        }
        return switch (number) {
            case 0 -> reset();
            case 1, 3, 9, 11 -> change(number, ScullGlobalsLayout.QUANTUM, driver.globals(), argument);
            case 2, 4, 10, 12 -> change(number - 1, ScullGlobalsLayout.QSET, driver.globals(), argument);
            case 5 -> kernel.putUser(ScullGlobalsLayout.QUANTUM.get(memory, driver.globals()), argument);
            case 6 -> kernel.putUser(ScullGlobalsLayout.QSET.get(memory, driver.globals()), argument);
            case 7 -> ScullGlobalsLayout.QUANTUM.get(memory, driver.globals());
            case 8 -> ScullGlobalsLayout.QSET.get(memory, driver.globals());
            case 13 -> set(ScullPartsLayout.P_BUFFER, driver.parts(), argument, ScullDriver.MAX_P_BUFFER);
            default -> ScullPartsLayout.P_BUFFER.get(memory, driver.parts());
        };
    }

    private int reset() {
        ScullGlobalsLayout.QUANTUM.set(memory, driver.globals(), ScullDriver.QUANTUM);
        ScullGlobalsLayout.QSET.set(memory, driver.globals(), ScullDriver.QSET);
        return 0;
    }

    /** Sets (1), tells (3), exchanges (9) or shifts (11) a variable. */
    private int change(int how, Word variable, long record, long argument) {
        int old = variable.get(memory, record);
        if (how == 3 || how == 11) {
            int result = set(variable, record, argument, limit(variable));
            return result == 0 && how == 11 ? old : result;
        }
        int result = kernel.onStack(WORD, word -> {
            int copied = kernel.getUser(word, argument);
            return copied < 0 ? copied : set(variable, record, memory.load32(word), limit(variable));
        });
        return result == 0 && how == 9 ? kernel.putUser(old, argument) : result;
    }

    private static int limit(Word variable) {
        return variable.equals(ScullGlobalsLayout.QUANTUM) ? ScullDriver.MAX_QUANTUM : ScullDriver.MAX_QSET;
    }

    /** Unlike the book's, refuses a size with which no device works. */
    private int set(Word variable, long record, long value, int most) {
        if (!kernel.capable(CAP_SYS_ADMIN)) {
            return -Errno.EPERM;
        }
        if (value < 1 || value > most) {
            return -Errno.EINVAL;
        }
        variable.set(memory, record, (int) value);
        return 0;
    }
}
