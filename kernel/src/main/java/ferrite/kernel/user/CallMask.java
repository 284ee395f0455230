package ferrite.kernel.user;

import ferrite.kernel.base.Errno;
import ferrite.kernel.vm.UserMemory;

/** The mask of signals that a waiting system call takes as an argument, as {@code ppoll} does. */
final class CallMask {

    private final UserServices services;
    private final UserMemory user;
    private final SignalDelivery signals;

    CallMask(UserServices services, SignalDelivery signals) {
        this.services = services;
        this.user = services.space().memory();
        this.signals = signals;
    }

    /** Blocks the signals of a mask during a call, if there is one. */
    void replace(long mask, int bytes) throws UserArguments.Bad {
        if (mask == 0) {
            return;
        }
        int[] words = new int[2];
        if (bytes != SignalCalls.SIGSET_BYTES || !user.get32s(mask, words)) {
            throw new UserArguments.Bad(bytes != SignalCalls.SIGSET_BYTES ? Errno.EINVAL : Errno.EFAULT);
        }
        signals.replaceMask(services.process(), words[0]);
    }

    /**
     * Ends {@link #replace}, unless the call is made again. After an interrupted call the handler runs with the mask of
     * the call.
     */
    void restoreAfter(int result) {
        if (result != -Errno.EINTR && result != -Errno.ERESTART_WAIT) {
            signals.restoreMask(services.process());
        }
    }
}
