/** {@code sculld}: scull with the device model (LDD3 chapter 14). */
package ferrite.book.sculld;
