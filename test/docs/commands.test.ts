// What a reader copies must work: the commands of the pages with the longest ones.
import { describePages, longestPages } from './describe-pages.ts';

describePages(longestPages);
