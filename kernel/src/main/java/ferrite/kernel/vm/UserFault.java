package ferrite.kernel.vm;

/** The end of a kernel access to a program's memory that the program may not make itself. It has no stack trace. */
final class UserFault extends RuntimeException {

    private static final long serialVersionUID = 1;

    UserFault() {
        super(null, null, false, false);
    }
}
